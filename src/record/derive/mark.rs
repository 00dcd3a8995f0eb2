//! What is left to the worker, and how the worker brings it up: a batch in a transaction, so that it may stop anywhere.

use super::store::{self, Stale};
use super::{Ground, copy, follow, recompute};
use crate::db::DbError;
use crate::id::RecordId;
use crate::limits::DEPENDENTS;
use crate::record::error::Error;
use crate::work::Unattended;

/// Leaves the records that point to one by a relation to the worker.
pub(super) async fn relation(
    ground: Ground<'_>,
    module: i16,
    link: i16,
    target: RecordId,
) -> Result<(), DbError> {
    store::mark(ground.tx, module, link, target, ground.now).await
}

/// Leaves all records of a module to the worker.
pub(super) async fn module(ground: Ground<'_>, module: i16) -> Result<(), DbError> {
    store::mark(ground.tx, module, 0, RecordId::NIL, ground.now).await
}

/// Brings up one batch of what was left to the worker in a tenant; false where there is nothing, or others are at it.
/// The caller commits.
pub async fn bring_up(work: &Unattended) -> Result<bool, Error> {
    let ground = Ground::unattended(work);
    let Some(stale) = store::claim(ground.tx).await? else { return Ok(false) };
    let last = match stale.link {
        0 => whole_module(ground, &stale).await?,
        _ => dependents(ground, &stale).await?,
    };
    match last {
        Some(last) => store::advance(ground.tx, stale.id, last).await?,
        None => store::settle(ground.tx, stale.id).await?,
    }
    Ok(true)
}

/// Copies to the next records that point to the target; gives the last of them, None after the last batch.
async fn dependents(ground: Ground<'_>, stale: &Stale) -> Result<Option<RecordId>, Error> {
    // Held, so that nobody changes it between the look and the copy.
    let held = store::hold_for_change(ground.tx, &[stale.target]).await?;
    let Some(source) = held.get(&stale.target) else { return Ok(None) };
    let ids = store::links(ground.tx, stale.link, stale.target, stale.after, DEPENDENTS).await?;
    let (moved, all) = copy::copy_to(ground, stale.module, stale.link, stale.target, source, &ids).await?;
    if !all {
        relation(ground, stale.module, stale.link, stale.target).await?;
    }
    follow(ground, moved).await?;
    Ok(ids.last().copied().filter(|_| ids.len() == DEPENDENTS))
}

async fn whole_module(ground: Ground<'_>, stale: &Stale) -> Result<Option<RecordId>, Error> {
    let Some(module) = ground.schema.whole_numbered(stale.module) else { return Ok(None) };
    let batch = recompute::batch(ground, module, stale.after, DEPENDENTS, false).await?;
    Ok(batch.last)
}
