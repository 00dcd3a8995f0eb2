//! Tenants (workspaces) and memberships.

mod workspace;

pub use workspace::{AppliedTemplate, Workspace};
