//! Roles in the database, and their cache.

use std::collections::HashMap;
use std::sync::Arc;

use moka::future::Cache;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::role::RoleDefinition;
use crate::db::{DbError, TenantTx};
use crate::id::TenantId;

/// A tenant's roles by key.
pub type Roles = HashMap<String, Arc<RoleDefinition>>;

/// Roles by (tenant, schema version); an entry is never changed, only replaced by that of a later version.
#[derive(Clone)]
pub struct RoleCache(Cache<(TenantId, i64), Arc<Roles>>);

impl Default for RoleCache {
    fn default() -> Self {
        Self(Cache::new(2_000))
    }
}

impl RoleCache {
    /// The roles of the transaction's tenant at a version.
    pub async fn get(&self, tx: &TenantTx, version: i64) -> Result<Arc<Roles>, DbError> {
        let key = (tx.tenant(), version);
        if let Some(roles) = self.0.get(&key).await {
            return Ok(roles);
        }
        let roles = Arc::new(load(tx).await?);
        self.0.insert(key, roles.clone()).await;
        Ok(roles)
    }
}

async fn load(tx: &TenantTx) -> Result<Roles, DbError> {
    let rows = tx.query("select key, definition from roles where tenant_id = $1", &[&tx.tenant()]).await?;
    let role = |row: &tokio_postgres::Row| (row.get(0), Arc::new(row.get::<_, Json<RoleDefinition>>(1).0));
    Ok(rows.iter().map(role).collect())
}

/// The keys of all roles.
pub async fn keys(tx: &TenantTx) -> Result<Vec<String>, DbError> {
    let rows = tx.query("select key from roles where tenant_id = $1 order by key", &[&tx.tenant()]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Adds a role, or replaces the one with the same key. The caller raises the schema version.
pub async fn put(tx: &TenantTx, role: &RoleDefinition, origin: &str) -> Result<(), DbError> {
    tx.execute(
        "insert into roles (tenant_id, id, key, origin, definition) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, key) do update set definition = excluded.definition",
        &[&tx.tenant(), &Uuid::now_v7(), &role.key, &origin, &Json(role)],
    )
    .await?;
    Ok(())
}
