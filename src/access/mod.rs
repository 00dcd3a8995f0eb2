//! Who may do what: roles with their matrix, the actor of a request, and the permits that record functions ask for.
//! Only `store` does I/O.

mod actor;
mod matrix;
mod permit;
pub mod role;
pub mod store;

pub use actor::{Actor, Standing};
pub use matrix::{ConditionScope, Role};
pub use permit::{
    Assign, Create, Delete, Denied, Forbidden, Owners, Permit, Reach, Read, Share, Shared, Update, VerbType,
};
pub use role::{Capability, FieldAccess, RoleDefinition, Scope, Verb};
pub use store::{RoleCache, Roles};
