//! Transactions inside one tenant.

use std::pin::Pin;

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::transaction::Transaction;
use super::{DbError, DynamicSql, Param};
use crate::id::TenantId;

/// A transaction that sees one tenant's rows and no others. Dropped without [`TenantTx::commit`], it is rolled back.
pub struct TenantTx {
    transaction: Transaction,
    tenant: TenantId,
}

impl TenantTx {
    pub(super) fn new(client: Object, tenant: TenantId) -> Self {
        // A typed uuid, formatted here: never text from outside.
        let opening = format!("begin; select app_set_tenant('{tenant}')");
        Self { transaction: Transaction::new(client, opening), tenant }
    }

    /// The tenant, to bind as `tenant_id` in every statement.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Runs a fixed statement.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        self.transaction.query(sql, params).await
    }

    /// Runs a fixed statement that gives at most one row.
    pub(crate) async fn query_opt(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.pop())
    }

    /// Runs a fixed statement, and says how many rows it touched.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DbError> {
        self.transaction.execute(sql, params).await
    }

    /// Runs a statement of the query planner.
    pub(crate) async fn query_dynamic(
        &self,
        sql: &DynamicSql,
        params: &[Param],
    ) -> Result<Vec<Row>, DbError> {
        self.transaction.query_dynamic(sql, params).await
    }

    /// Runs `work` behind a savepoint: when it fails, only what it did itself is taken back, and the transaction goes
    /// on. For writes of which one may be refused without the others. It is boxed: written through, writes would fill
    /// the stack of whoever waits for them. Attempts do not nest, and nothing else may use the
    /// transaction meanwhile.
    pub(crate) async fn attempt<T, E: From<DbError>>(
        &self,
        work: Pin<Box<impl Future<Output = Result<T, E>>>>,
    ) -> Result<T, E> {
        self.transaction.attempt(work).await
    }

    /// Makes the work last.
    pub async fn commit(self) -> Result<(), DbError> {
        self.transaction.commit().await
    }
}
