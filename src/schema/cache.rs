//! Compiled schemas by tenant, each of the newest version that was asked for. The version is read inside each
//! transaction, so a change made by another node is obeyed at once, and no message between nodes is needed.

use std::sync::Arc;

use moka::future::Cache;

use super::{Schema, SchemaError, store};
use crate::db::TenantTx;
use crate::id::TenantId;

/// Tenants whose schemas are kept.
const CAPACITY: u64 = 1_000;

/// The cache; cheap to clone. Entries are never changed, only replaced by those of a later version.
#[derive(Clone)]
pub struct SchemaCache(Cache<TenantId, Arc<Schema>>);

impl Default for SchemaCache {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl SchemaCache {
    /// The schema of the transaction's tenant at the version that the transaction read.
    pub async fn get(&self, tx: &TenantTx, version: i64) -> Result<Arc<Schema>, SchemaError> {
        let tenant = tx.tenant();
        let kept = self.0.get(&tenant).await;
        if let Some(schema) = kept.as_ref().filter(|schema| schema.version == version) {
            return Ok(schema.clone());
        }
        let schema = Arc::new(store::load(tx, version).await?);
        // A transaction that began before a change must not bring the old version back.
        if kept.is_none_or(|kept| kept.version < version) {
            self.0.insert(tenant, schema.clone()).await;
        }
        Ok(schema)
    }
}
