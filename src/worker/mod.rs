//! Work in the background. Every task may run on several nodes at once: each is one statement that is right to repeat.

mod derived;
mod store;

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

pub use derived::{catch_up, keep_up};

use crate::clock::Clock;
use crate::db::{Db, DbError, SystemPurpose};

/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How long events stay in the outbox.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(30);

/// Ends expired sessions, forgets old sign-in failures and old events, again and again until `stop` is cancelled.
pub async fn keep_house(db: &Db, clock: &Clock, stop: CancellationToken) {
    loop {
        if let Err(error) = once(db, clock).await {
            tracing::warn!(%error, "keeping house failed; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn once(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let now = clock.now();
    let tx = db.system(SystemPurpose::Operate).await?;
    store::forget_ended_sessions(&tx, now).await?;
    let tenants = store::tenants(&tx).await?;
    tx.commit().await?;
    for tenant in tenants {
        let tx = db.tenant(tenant).await?;
        store::forget_events(&tx, now - EVENTS_KEPT).await?;
        tx.commit().await?;
    }
    Ok(())
}
