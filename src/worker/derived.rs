//! Brings up derived values that a write left behind because they were many.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::store;
use crate::clock::Clock;
use crate::db::{Db, DbError, SystemPurpose};
use crate::id::TenantId;
use crate::record;
use crate::work::{Caches, Unattended, WorkError};

/// How long the worker rests when nothing is left.
const REST: Duration = Duration::from_secs(2);
/// Batches of one tenant before others have their turn.
const TURN: usize = 20;

/// Why values could not be brought up.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// The database failed.
    #[error("derived values could not be looked for")]
    Database(#[from] DbError),
    /// A tenant could not be worked in.
    #[error("a workspace could not be worked in")]
    Work(#[from] WorkError),
    /// Values could not be computed.
    #[error("derived values could not be computed")]
    Record(#[from] record::Error),
}

/// Brings up what writes have left behind, again and again until `stop` is cancelled.
pub(super) async fn keep_up(db: &Db, caches: &Caches, clock: &Clock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match catch_up(db, caches, clock).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(error, "derived values were not brought up; it is tried again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// One round over all tenants that have something left; gives how many batches were done. What one node is at, others
/// leave alone.
pub async fn catch_up(db: &Db, caches: &Caches, clock: &Clock) -> Result<usize, CatchUpError> {
    let tx = db.system(SystemPurpose::Operate).await?;
    let tenants = store::stale_tenants(&tx).await?;
    tx.commit().await?;
    let mut batches = 0;
    for tenant in tenants {
        batches += turn(db, caches, clock, tenant).await?;
    }
    Ok(batches)
}

async fn turn(db: &Db, caches: &Caches, clock: &Clock, tenant: TenantId) -> Result<usize, CatchUpError> {
    for done in 0..TURN {
        let work = Unattended::begin(db, caches, clock, tenant).await?;
        if !record::bring_up(&work).await? {
            return Ok(done);
        }
        work.commit().await?;
    }
    Ok(TURN)
}

/// An error with what led to it.
fn chain(error: &CatchUpError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
