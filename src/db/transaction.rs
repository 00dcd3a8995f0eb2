//! What both kinds of transactions share: BEGIN travels with the first statement, and whatever is dropped uncommitted
//! is rolled back without anybody waiting for it.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use deadpool_postgres::Object;
use futures_util::{FutureExt, future, poll};
use tokio::sync::{Mutex, MutexGuard};
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
    /// Held (first come, first served) from the first poll of a statement until it is on its way, so that joined
    /// statements keep their order even when one of them has to be prepared first.
    order: Mutex<()>,
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send + 'a>>;

impl Transaction {
    /// A transaction that sends `opening` (BEGIN and what belongs to it) ahead of its first statement.
    pub(super) fn new(client: Object, opening: String) -> Self {
        Self {
            client,
            opening,
            opened: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            finished: false,
            order: Mutex::new(()),
        }
    }

    /// Sends BEGIN, unless that has happened; the answer is awaited behind the first statement's.
    async fn open(&self) -> Opening<'_> {
        if self.opened.swap(true, Ordering::Relaxed) {
            return Box::pin(future::ready(Ok(())));
        }
        let mut begin: Opening<'_> = Box::pin(self.client.batch_execute(&self.opening));
        match poll!(begin.as_mut()) {
            Poll::Ready(result) => Box::pin(future::ready(result)),
            Poll::Pending => begin,
        }
    }

    /// Sends one statement in its turn and awaits the answer out of turn.
    async fn send<T>(
        &self,
        order: MutexGuard<'_, ()>,
        opening: Opening<'_>,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        let mut statement = pin!(statement);
        let early = match poll!(statement.as_mut()) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        };
        drop(order);
        let opened = opening.await;
        let result = match early {
            Some(result) => result,
            None => statement.await,
        };
        opened.and(result).map_err(|error| self.fail(error))
    }

    fn fail(&self, error: tokio_postgres::Error) -> DbError {
        self.failed.store(true, Ordering::Relaxed);
        error.into()
    }

    /// Runs a fixed statement, prepared once a connection.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        let order = self.order.lock().await;
        let opening = self.open().await;
        let statement = self.client.prepare_cached(sql).await.map_err(|error| self.fail(error))?;
        self.send(order, opening, self.client.query(&statement, params)).await
    }

    /// Runs a fixed statement, and says how many rows it touched.
    pub(super) async fn execute(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DbError> {
        let order = self.order.lock().await;
        let opening = self.open().await;
        let statement = self.client.prepare_cached(sql).await.map_err(|error| self.fail(error))?;
        self.send(order, opening, self.client.execute(&statement, params)).await
    }

    /// Runs a planned statement. One whose text is among few is prepared; any other goes unnamed, gets a plan for its
    /// own values, and fills no cache.
    pub(super) async fn query_dynamic(
        &self,
        sql: &DynamicSql,
        params: &[Param],
    ) -> Result<Vec<Row>, DbError> {
        let order = self.order.lock().await;
        let opening = self.open().await;
        if sql.is_reusable() {
            let types: Vec<Type> = params.iter().map(|param| param.ty.clone()).collect();
            let statement = self.client.prepare_typed_cached(sql.as_str(), &types).await;
            let statement = statement.map_err(|error| self.fail(error))?;
            let bound: Vec<&(dyn ToSql + Sync)> =
                params.iter().map(|param| &*param.value as &(dyn ToSql + Sync)).collect();
            return self.send(order, opening, self.client.query(&statement, &bound)).await;
        }
        let bound: Vec<(&(dyn ToSql + Sync), Type)> =
            params.iter().map(|param| (&*param.value as &(dyn ToSql + Sync), param.ty.clone())).collect();
        self.send(order, opening, self.client.query_typed(sql.as_str(), &bound)).await
    }

    /// Runs `work` behind a savepoint. When it fails, only what it did itself is taken back, and the transaction goes
    /// on as if it had never run. Attempts do not nest, and nothing else may use the transaction meanwhile. One that is
    /// dropped half-way leaves the transaction unable to commit.
    pub(super) async fn attempt<T, E: From<DbError>>(
        &self,
        work: Pin<Box<impl Future<Output = Result<T, E>>>>,
    ) -> Result<T, E> {
        self.command("savepoint attempt").await?;
        let before = self.failed.swap(true, Ordering::Relaxed);
        let outcome = work.await;
        let ending = match &outcome {
            Ok(_) => "release savepoint attempt",
            Err(_) => "rollback to savepoint attempt; release savepoint attempt",
        };
        let ended = self.command(ending).await;
        if ended.is_ok() {
            self.failed.store(before, Ordering::Relaxed);
        }
        let result = outcome?;
        ended?;
        Ok(result)
    }

    async fn command(&self, sql: &'static str) -> Result<(), DbError> {
        let order = self.order.lock().await;
        let opening = self.open().await;
        self.send(order, opening, self.client.batch_execute(sql)).await
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
