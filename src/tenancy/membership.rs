//! Members of a tenant: who they are for pickers, and how one is added.

use chrono::{DateTime, Utc};

use super::store;
use crate::db::{DbError, TenantTx};
use crate::id::UserId;
use crate::identity::User;

/// A member as others see them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// What people read.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
    /// The key of the role.
    pub role: String,
    /// Owners may do everything in the tenant.
    pub is_owner: bool,
}

/// A member about to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    /// Who; name and address are copied into the tenant.
    pub user: &'a User,
    /// The key of the role. A role that the tenant does not (yet) have grants nothing.
    pub role: &'a str,
    /// Owners may do everything in the tenant.
    pub is_owner: bool,
}

/// Active members by name, at most `limit`, whose name or address begins with a text (empty: all).
pub async fn members(tx: &TenantTx, starting_with: &str, limit: i64) -> Result<Vec<Member>, DbError> {
    store::members(tx, starting_with, limit).await
}

/// Adds a member with a role, or gives the role to one who is there. False when the tenant has no such role; a tenant
/// without any role (no template yet) takes `admin` and `worker`, which every template brings.
pub async fn add_member(tx: &TenantTx, new: NewMember<'_>, now: DateTime<Utc>) -> Result<bool, DbError> {
    if !store::has_role(tx, new.role).await? && !["admin", "worker"].contains(&new.role) {
        return Ok(false);
    }
    store::put_member(tx, &new, now).await?;
    Ok(true)
}
