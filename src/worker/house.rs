//! Keeping house: what has had its time is removed, in batches, tenant by tenant.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Background, store};
use crate::db::{DbError, SystemPurpose};
use crate::id::TenantId;
use crate::work::{Unattended, WorkError};
use crate::{job, record};

/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How long events stay in the outbox.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long jobs that have ended can be looked at.
const JOBS_KEPT: TimeDelta = TimeDelta::days(30);

/// Why the house could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The database failed.
    #[error("what has had its time could not be removed")]
    Database(#[from] DbError),
    /// A tenant could not be worked in.
    #[error("a workspace could not be worked in")]
    Work(#[from] WorkError),
    /// The trash could not be emptied.
    #[error("the trash could not be emptied")]
    Record(#[from] record::Error),
}

/// Keeps house again and again until `stop` is cancelled.
pub(super) async fn keep(background: &Background, stop: CancellationToken) {
    loop {
        if let Err(error) = once(background).await {
            tracing::warn!(%error, "keeping house failed; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

pub(super) async fn once(background: &Background) -> Result<(), HouseError> {
    let now = background.clock.now();
    let tx = background.db.system(SystemPurpose::Operate).await?;
    store::forget_ended_sessions(&tx, now).await?;
    let tenants = store::tenants(&tx).await?;
    tx.commit().await?;
    for tenant in tenants {
        let tx = background.db.tenant(tenant).await?;
        store::forget_events(&tx, now - EVENTS_KEPT).await?;
        store::forget_answers(&tx, now).await?;
        job::forget(&tx, now - JOBS_KEPT).await?;
        tx.commit().await?;
        purge(background, tenant, now).await?;
    }
    Ok(())
}

/// Removes what has lain in the trash for its module's time, so many records a transaction.
async fn purge(background: &Background, tenant: TenantId, now: DateTime<Utc>) -> Result<(), HouseError> {
    let Background { db, caches, clock } = background;
    let tx = db.tenant(tenant).await?;
    let modules = record::retained(&tx).await?;
    tx.commit().await?;
    for (module, trash) in modules {
        let mut more = true;
        while more {
            let work = Unattended::begin(db, caches, clock, tenant).await?;
            more = record::purge(&work, module, now - trash).await?;
            work.commit().await?;
        }
    }
    Ok(())
}
