//! Tenants (workspaces) and memberships: making a workspace, alone or together with its first user, and its members.

mod create;
mod membership;
mod sign_up;
mod slug;
mod store;
mod workspace;

pub use create::{CreateTenantError, NewTenant, Tenant, create};
pub use membership::{Member, NewMember, add_member, members};
pub use sign_up::{SignUp, SignUpError, sign_up};
pub use slug::{RESERVED_SLUGS, check_slug, suggest_slug};
pub use store::{TenantRow, find, list, owner, set_template};
pub use workspace::{AppliedTemplate, Workspace};
