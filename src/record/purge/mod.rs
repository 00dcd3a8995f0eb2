//! Removing records for good once they have lain in the trash for their module's time. What history says of them stays.

mod store;

use chrono::{DateTime, TimeDelta, Utc};

use crate::db::{DbError, TenantTx};
use crate::schema::definition::Retention;

/// Records that one call removes.
pub const AT_ONCE: usize = 500;

/// Every module, by number, with how long its records stay in the trash.
pub async fn retained(tx: &TenantTx) -> Result<Vec<(i16, TimeDelta)>, DbError> {
    let days = |days: Option<i32>| match days {
        Some(days) => TimeDelta::days(days.into()),
        None => TimeDelta::days(Retention::default().trash_days.into()),
    };
    Ok(store::modules(tx).await?.into_iter().map(|(module, kept)| (module, days(kept))).collect())
}

/// Removes records of a module that went to the trash before an instant, with their links and keys, at most
/// [`AT_ONCE`]; how many it were. An entry in the audit log says of each that it is gone, and not what it was.
pub async fn purge(
    tx: &TenantTx,
    module: i16,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let records = store::expired(tx, module, before, AT_ONCE as i64).await?;
    if records.is_empty() {
        return Ok(0);
    }
    let (ids, versions): (Vec<_>, Vec<_>) = records.into_iter().unzip();
    store::unlink(tx, &ids).await?;
    store::remove(tx, &ids).await?;
    store::journal(tx, module, &ids, &versions, now).await?;
    Ok(ids.len())
}
