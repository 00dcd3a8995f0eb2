//! Values that follow from other records: lookups and roll-ups, kept right in the transaction that changes what they
//! follow from, or left to the worker where they are many.
//!
//! Order of locks: a write holds its own record, then waits for the records that sum it up, in the order of their ids.
//! Towards records that copy its values it never waits: those that somebody else holds are left to the worker. So
//! single writes cannot wait for each other in a circle.

mod copy;
mod mark;
mod recompute;
mod store;
mod sum;
mod tally;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::error::Error;
use super::rules::formula;
use super::stage::{self, Holding};
use super::store::Current;
use super::values::Values;
use crate::db::{DbError, TenantTx};
use crate::field::Locale;
use crate::id::RecordId;
use crate::schema::{Module, Schema};
use crate::work::{Unattended, Work};

pub(super) use copy::value as looked_up;
pub use mark::bring_up;
pub use recompute::{Difference, Repaired, recompute_module, repair};
pub(super) use store::{hold, hold_for_change};

/// What deriving needs of its surroundings; nobody in particular asks for it.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) tx: &'a TenantTx,
    pub(super) schema: &'a Schema,
    pub(super) locale: &'a Locale,
    pub(super) now: DateTime<Utc>,
}

impl<'a> Ground<'a> {
    pub(super) fn of(work: &'a Work) -> Self {
        Self { tx: &work.tx, schema: &work.schema, locale: &work.workspace.locale, now: work.clock.now() }
    }

    pub(super) fn unattended(work: &'a Unattended) -> Self {
        Self { tx: &work.tx, schema: &work.schema, locale: &work.locale, now: work.clock.now() }
    }
}

/// A record at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// Outside the trash.
    pub(super) live: bool,
    pub(super) stage: i16,
    pub(super) data: Map<String, Value>,
}

impl State {
    pub(super) fn of(current: Current) -> Self {
        Self { live: !current.deleted, stage: current.stage, data: current.data }
    }
}

/// A record that was written.
pub(super) struct Moved {
    pub(super) module: i16,
    pub(super) id: RecordId,
    /// None for a new record.
    pub(super) before: Option<State>,
    pub(super) after: State,
}

/// Brings everything up that follows from some written records, level by level. The schema lets nothing follow from
/// itself, so there is a last one.
pub(super) async fn follow(ground: Ground<'_>, moved: Vec<Moved>) -> Result<(), Error> {
    let mut moved = moved;
    while !moved.is_empty() {
        let mut next = sum::sum_up(ground, &moved).await?;
        next.extend(copy::copy_down(ground, &moved).await?);
        moved = next;
    }
    Ok(())
}

/// A value that followed from another record may be what the record's pipeline adds up: the kept total of its stage
/// moves with it.
pub(super) async fn hold_anew(
    ground: Ground<'_>,
    module: &Module,
    before: &State,
    data: &Map<String, Value>,
) -> Result<(), DbError> {
    if !before.live {
        return Ok(());
    }
    let held = Holding::of(module, before.stage, &before.data);
    let holds = Holding::of(module, before.stage, data);
    if held == holds {
        return Ok(());
    }
    let (held, holds): (Vec<_>, Vec<_>) = (held.into_iter().collect(), holds.into_iter().collect());
    stage::changed(ground.tx, module, &held, &holds).await
}

/// Writes new derived values into a record that the transaction has locked; gives what was moved, if anything was.
async fn refresh(
    ground: Ground<'_>,
    module: &Module,
    id: RecordId,
    before: State,
    values: Vec<(String, Option<Value>)>,
) -> Result<Option<Moved>, Error> {
    let mut data = before.data.clone();
    for (key, value) in values {
        match value {
            Some(value) => data.insert(key, value),
            None => data.remove(&key),
        };
    }
    formula::compute(module, ground.locale, before.stage, &mut data);
    if data == before.data {
        return Ok(None);
    }
    let values = Values::derived(ground, module, data);
    store::refresh(ground.tx, id, &values).await?;
    hold_anew(ground, module, &before, &values.data).await?;
    let after = State { data: values.data, ..before };
    Ok(Some(Moved { module: module.number, id, before: Some(before), after }))
}
