//! Telling people what they wait for: reminders of tasks, and changes of records that they follow.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::store;
use crate::around::{follow, task};
use crate::clock::Clock;
use crate::db::{Db, DbError, SystemPurpose};

/// How often people are told.
const EVERY: Duration = Duration::from_secs(60);

/// Tells people again and again until `stop` is cancelled.
pub(super) async fn keep_telling(db: &Db, clock: &Clock, stop: CancellationToken) {
    loop {
        if let Err(error) = tell(db, clock).await {
            tracing::warn!(%error, "telling people failed; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Reminds people of tasks and tells followers of changes, once each.
pub async fn tell(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let tx = db.system(SystemPurpose::Operate).await?;
    let tenants = store::tenants(&tx).await?;
    tx.commit().await?;
    for tenant in tenants {
        let mut more = true;
        while more {
            let tx = db.tenant(tenant).await?;
            more = task::remind(&tx, clock).await? | follow::tell_followers(&tx, clock).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
