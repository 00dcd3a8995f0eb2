//! Compiled schemas by (tenant, version). The version is read inside each transaction, so a change made by another
//! node is obeyed at once, and no message between nodes is needed.

use std::sync::Arc;

use moka::future::Cache;

use super::{Schema, SchemaError, store};
use crate::db::TenantTx;
use crate::id::TenantId;

/// The cache; cheap to clone. Entries are never changed, only replaced by those of a later version.
#[derive(Clone)]
pub struct SchemaCache(Cache<(TenantId, i64), Arc<Schema>>);

impl Default for SchemaCache {
    fn default() -> Self {
        // Some 100 kB for a schema of ten modules: at most about 100 MB.
        Self(Cache::new(1_000))
    }
}

impl SchemaCache {
    /// The schema of the transaction's tenant at the version that the transaction read.
    pub async fn get(&self, tx: &TenantTx, version: i64) -> Result<Arc<Schema>, SchemaError> {
        let key = (tx.tenant(), version);
        if let Some(schema) = self.0.get(&key).await {
            return Ok(schema);
        }
        let schema = Arc::new(store::load(tx, version).await?);
        self.0.invalidate(&(key.0, version - 1)).await;
        self.0.insert(key, schema.clone()).await;
        Ok(schema)
    }
}
