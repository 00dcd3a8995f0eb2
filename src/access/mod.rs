//! Who may do what: roles with their matrix, the actor of a request, and the permits that record functions ask for.
//! Only `store` does I/O.

mod actor;
mod permit;
pub mod role;
pub mod store;

pub use actor::Actor;
pub use permit::{Create, Delete, Denied, Forbidden, Permit, Reach, Read, Update, VerbType};
pub use role::{Capability, RoleDefinition, Scope, Verb};
pub use store::{RoleCache, Roles};
