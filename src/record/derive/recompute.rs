//! Derived values computed from scratch: for fields that are new, and to prove that the kept ones are right.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Ground, State, copy, follow, mark, refresh, store, sum};
use crate::id::RecordId;
use crate::limits::RECOMPUTED_AT_ONCE;
use crate::record::error::Error;
use crate::record::rules::formula;
use crate::schema::{Module, Schema};
use crate::work::{Unattended, Work};

/// Records that are recomputed in one go.
const BATCH: usize = 200;

/// A value that was not what it follows from.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Difference {
    /// The record.
    pub record: RecordId,
    /// The field's key.
    pub field: String,
    /// What was stored.
    pub stored: Value,
    /// What is right.
    pub right: Value,
}

/// What a batch found.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Records that were looked at.
    pub records: usize,
    /// What was wrong.
    pub differences: Vec<Difference>,
    /// The last record, where there may be more.
    pub last: Option<RecordId>,
}

/// Recomputes the derived values of the next records of a module, in the order of their ids, and puts right what is
/// wrong, unless `check` only asks for it. The caller commits.
pub async fn repair(
    work: &Unattended,
    module: &Module,
    after: Option<RecordId>,
    check: bool,
) -> Result<Repaired, Error> {
    batch(Ground::unattended(work), module, after.unwrap_or(RecordId::NIL), BATCH, check).await
}

/// Computes the derived values of all records of a module after a change of the schema; `schema` is as it is now. Many
/// records are left to the worker.
pub async fn recompute_module(work: &Work, schema: &Schema, module: &Module) -> Result<(), Error> {
    let ground = Ground { schema, ..Ground::of(work) };
    if store::count(ground.tx, module.number, RECOMPUTED_AT_ONCE + 1).await? > RECOMPUTED_AT_ONCE {
        mark::module(ground, module.number).await?;
        return Ok(());
    }
    let mut after = Some(RecordId::NIL);
    while let Some(from) = after {
        after = batch(ground, module, from, BATCH, false).await?.last;
    }
    Ok(())
}

pub(super) async fn batch(
    ground: Ground<'_>,
    module: &Module,
    after: RecordId,
    limit: usize,
    check: bool,
) -> Result<Repaired, Error> {
    let ids = store::next_records(ground.tx, module.number, after, limit).await?;
    let rows: BTreeMap<RecordId, State> =
        store::lock(ground.tx, &ids).await?.into_iter().map(|(id, _, state)| (id, state)).collect();
    let mut lookups = copy::recompute(ground, module, &rows).await?;
    let mut repaired = Repaired {
        records: rows.len(),
        last: ids.last().copied().filter(|_| ids.len() == limit),
        ..Repaired::default()
    };
    let mut moved = Vec::new();
    for (id, state) in rows {
        let mut values = lookups.remove(&id).unwrap_or_default();
        values.extend(rollups(ground, module, id, check, &mut repaired.differences).await?);
        let right = settled(ground, module, &state, &values);
        repaired.differences.extend(differences(id, &state.data, &right));
        if !check {
            moved.extend(refresh(ground, module, id, state, values).await?);
        }
    }
    follow(ground, moved).await?;
    Ok(repaired)
}

/// Every roll-up of a record from the records that point to it; puts its tallies right too.
async fn rollups(
    ground: Ground<'_>,
    module: &Module,
    id: RecordId,
    check: bool,
    found: &mut Vec<Difference>,
) -> Result<Vec<(String, Option<Value>)>, Error> {
    let mut values = Vec::new();
    let plans: Vec<_> = ground.schema.plans.rollups_of(module.number).collect();
    if plans.is_empty() {
        return Ok(values);
    }
    let kept = store::tallies(ground.tx, &[id]).await?;
    for plan in plans {
        let Some(stored) = module.field(&plan.field) else { continue };
        let (tally, extreme) = sum::tally_anew(ground, plan, id).await?;
        values.push((plan.field.clone(), tally.value(ground, plan, &stored.field.kind, extreme.as_ref())));
        let mut counted = kept.get(&(id, plan.number)).cloned().unwrap_or_default();
        counted.0.retain(|_, (count, _)| *count != 0);
        if counted != tally {
            found.push(Difference {
                record: id,
                field: plan.field.clone(),
                stored: format!("counted {counted:?}").into(),
                right: format!("counted {tally:?}").into(),
            });
            if !check {
                store::replace_tally(ground.tx, id, plan.number, &tally).await?;
            }
        }
    }
    Ok(values)
}

fn settled(
    ground: Ground<'_>,
    module: &Module,
    state: &State,
    values: &[(String, Option<Value>)],
) -> Map<String, Value> {
    let mut data = state.data.clone();
    for (key, value) in values {
        match value {
            Some(value) => data.insert(key.clone(), value.clone()),
            None => data.remove(key),
        };
    }
    formula::compute(module, ground.locale, state.stage, &mut data);
    data
}

fn differences(id: RecordId, stored: &Map<String, Value>, right: &Map<String, Value>) -> Vec<Difference> {
    let mut keys: Vec<&String> = stored.keys().chain(right.keys()).collect();
    keys.sort();
    keys.dedup();
    let side = |map: &Map<String, Value>, key: &String| map.get(key).cloned().unwrap_or(Value::Null);
    let wrong = keys.into_iter().filter(|key| stored.get(*key) != right.get(*key));
    wrong
        .map(|key| Difference {
            record: id,
            field: key.clone(),
            stored: side(stored, key),
            right: side(right, key),
        })
        .collect()
}
