//! What both kinds of transactions share: BEGIN travels with the first statement, and whatever is dropped uncommitted
//! is rolled back without anybody waiting for it.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Object;
use futures_util::{FutureExt, future};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::{DbError, DynamicSql, Param};

/// A transaction on one pooled connection. Methods take `&self`, so that independent statements can be joined: they
/// then travel together and are executed in the order in which they were first polled.
pub(super) struct Transaction {
    client: Object,
    opening: String,
    opened: AtomicBool,
    failed: AtomicBool,
    finished: bool,
}

impl Transaction {
    /// A transaction that sends `opening` (BEGIN and what belongs to it) ahead of its first statement.
    pub(super) fn new(client: Object, opening: String) -> Self {
        Self {
            client,
            opening,
            opened: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            finished: false,
        }
    }

    async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        let result = if self.opened.swap(true, Ordering::Relaxed) {
            statement.await
        } else {
            let begin = self.client.batch_execute(&self.opening);
            future::try_join(begin, statement).await.map(|(_, rows)| rows)
        };
        result.map_err(|error| {
            self.failed.store(true, Ordering::Relaxed);
            error.into()
        })
    }

    /// Runs a fixed statement, prepared once a connection.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        self.run(async {
            let statement = self.client.prepare_cached(sql).await?;
            self.client.query(&statement, params).await
        })
        .await
    }

    /// Runs a fixed statement, and says how many rows it touched.
    pub(super) async fn execute(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DbError> {
        self.run(async {
            let statement = self.client.prepare_cached(sql).await?;
            self.client.execute(&statement, params).await
        })
        .await
    }

    /// Runs a planned statement unnamed: it gets a plan for its own values, and fills no cache.
    pub(super) async fn query_dynamic(
        &self,
        sql: &DynamicSql,
        params: &[Param],
    ) -> Result<Vec<Row>, DbError> {
        let bound: Vec<(&(dyn ToSql + Sync), Type)> =
            params.iter().map(|param| (&*param.value as &(dyn ToSql + Sync), param.ty.clone())).collect();
        self.run(self.client.query_typed(sql.as_str(), &bound)).await
    }

    /// Makes the work last. Refuses when a statement failed, because PostgreSQL would silently roll back.
    pub(super) async fn commit(mut self) -> Result<(), DbError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(DbError::AlreadyFailed);
        }
        if self.opened.load(Ordering::Relaxed) {
            self.client.batch_execute("commit").await?;
        }
        self.finished = true;
        Ok(())
    }
}

impl Drop for Transaction {
    /// Sends ROLLBACK behind whatever is under way and does not wait: the connection's next user is queued after it.
    /// So a request that is cancelled at any point leaves a clean connection.
    fn drop(&mut self) {
        if !self.finished && self.opened.load(Ordering::Relaxed) {
            let _sent = self.client.batch_execute("rollback").now_or_never();
        }
    }
}
