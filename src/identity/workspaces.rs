//! The workspaces that a person may enter.

use super::{Identity, store};
use crate::db::{DbError, SystemPurpose};
use crate::id::UserId;

/// A workspace that a person may enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserWorkspace {
    /// Its part of the address.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The key of the person's role there.
    pub role: String,
    /// Whether the person owns it.
    pub is_owner: bool,
}

/// The workspaces in which a user is an active member, by name.
pub async fn workspaces_of(identity: &Identity, user: UserId) -> Result<Vec<UserWorkspace>, DbError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    let rows = store::workspaces(&tx, user).await?;
    let workspace = |row: store::WorkspaceRow| UserWorkspace {
        slug: row.slug,
        name: row.name,
        role: row.role,
        is_owner: row.is_owner,
    };
    Ok(rows.into_iter().map(workspace).collect())
}
