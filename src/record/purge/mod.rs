//! Removing records for good once they have lain in the trash for their module's time. What history says of them stays.

mod detach;
mod store;

use chrono::{DateTime, TimeDelta, Utc};

use self::detach::Detached;
use super::error::Error;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::schema::definition::Retention;
use crate::work::Unattended;

/// Records that one call removes.
const AT_ONCE: usize = 500;

/// Every module, by number, with how long its records stay in the trash.
pub async fn retained(tx: &TenantTx) -> Result<Vec<(i16, TimeDelta)>, DbError> {
    let days = |days: Option<i32>| match days {
        Some(days) => TimeDelta::days(days.into()),
        None => TimeDelta::days(Retention::default().trash_days.into()),
    };
    Ok(store::modules(tx).await?.into_iter().map(|(module, kept)| (module, days(kept))).collect())
}

/// Removes records of a module that went to the trash before an instant, with their links and keys, at most
/// [`AT_ONCE`]; whether it is worth calling again at once. An entry in the audit log says of each that it is gone, and
/// not what it was. What still points to them is emptied first.
pub async fn purge(work: &Unattended, module: i16, before: DateTime<Utc>) -> Result<bool, Error> {
    let (tx, now) = (&work.tx, work.clock.now());
    let mut records = store::expired(tx, module, before, AT_ONCE as i64).await?;
    let found = records.len();
    if records.is_empty() {
        return Ok(false);
    }
    let gone: Vec<RecordId> = records.iter().map(|(id, _)| *id).collect();
    let Detached { awaited, progress } = detach::detach(work, &gone).await?;
    records.retain(|(id, _)| !awaited.contains(id));
    let (ids, versions): (Vec<_>, Vec<_>) = records.into_iter().unzip();
    store::unlink(tx, &ids).await?;
    store::remove(tx, &ids).await?;
    store::journal(tx, module, &ids, &versions, now).await?;
    let is_last = found < AT_ONCE && awaited.is_empty();
    Ok(!is_last && (progress || !ids.is_empty()))
}
