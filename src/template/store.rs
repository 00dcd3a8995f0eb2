//! What an install reads and writes besides modules, roles and records.

use std::collections::BTreeMap;

use super::Manifest;
use crate::db::{DbError, TenantTx};
use crate::id::UserId;

/// Notes which template at which version the workspace was made from, and takes over its place in the world.
pub(super) async fn adopt(tx: &TenantTx, manifest: &Manifest) -> Result<(), DbError> {
    tx.execute(
        "update tenants set template_key = $2, template_version = $3, currency = $4, country = $5, timezone = $6
         where id = $1",
        &[
            &tx.tenant(),
            &manifest.key,
            &manifest.version,
            &manifest.currency,
            &manifest.country,
            &manifest.timezone,
        ],
    )
    .await?;
    Ok(())
}

/// For each role the active member who has had it longest.
pub(super) async fn members_by_role(tx: &TenantTx) -> Result<BTreeMap<String, UserId>, DbError> {
    let rows = tx
        .query(
            "select distinct on (role) role, user_id from memberships
             where tenant_id = $1 and active order by role, created_at, user_id",
            &[&tx.tenant()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
