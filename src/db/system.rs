//! Transactions of the control plane: before a tenant is known, or about tenants.

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::DbError;
use super::transaction::Transaction;

/// Why the control plane is entered; the list is short on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemPurpose {
    /// Sign-in, sign-up, sessions and their throttling.
    SignIn,
    /// Which tenant does a session, a slug or a token belong to?
    FindTenant,
    /// Create a tenant.
    Provision,
    /// List tenants, for a platform admin or the command line.
    Operate,
}

/// A transaction that sees users, sessions and tenants, and no record of any tenant.
pub struct SystemTx {
    transaction: Transaction,
}

impl SystemTx {
    pub(super) fn new(client: Object) -> Self {
        Self { transaction: Transaction::new(client, "begin".to_owned()) }
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

    /// Makes the work last.
    pub async fn commit(self) -> Result<(), DbError> {
        self.transaction.commit().await
    }
}
