//! Values that are copied from linked records, when a record is made or linked anew. The linked records are locked, so
//! that none of them changes unseen before the copy lasts; later changes come by `record/derive`.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::db::DbError;
use crate::id::RecordId;
use crate::record::change::Change;
use crate::record::derive;
use crate::record::link::record_id;
use crate::schema::Module;
use crate::schema::rules::LookupPlan;
use crate::work::Work;

/// Copies what the relations that are new point to, asking once for all.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), DbError> {
    let plans: Vec<&LookupPlan> = work.schema.plans.lookups_of(module.number).collect();
    let wanted: BTreeSet<RecordId> =
        changes.iter().flat_map(|change| plans.iter().filter_map(|plan| new_target(change, plan))).collect();
    if plans.is_empty() {
        return Ok(());
    }
    let ids: Vec<RecordId> = wanted.into_iter().collect();
    // A record that sums others up is perhaps going to be changed by this very write: held weaker first, two such writes
    // would wait for each other.
    let sums_up = plans.iter().any(|plan| work.schema.plans.rollups_of(plan.target).next().is_some());
    let found = match (ids.is_empty(), sums_up) {
        (true, _) => HashMap::new(),
        (false, true) => derive::hold_for_change(&work.tx, &ids).await?,
        (false, false) => derive::hold(&work.tx, &ids).await?,
    };
    for change in changes {
        for plan in &plans {
            if change.before.is_none() || is_relinked(change, plan) {
                let target = new_target(change, plan).and_then(|id| found.get(&id));
                let value = target.and_then(|data| copied(work, module, plan, data));
                change.data.insert(plan.field.clone(), value.unwrap_or(Value::Null));
            }
        }
    }
    Ok(())
}

fn is_relinked(change: &Change, plan: &LookupPlan) -> bool {
    change.old(&plan.relation) != change.data.get(&plan.relation).unwrap_or(&Value::Null)
}

/// The record that a change links anew.
fn new_target(change: &Change, plan: &LookupPlan) -> Option<RecordId> {
    let id = record_id(change.data.get(&plan.relation)?)?;
    (change.before.is_none() || is_relinked(change, plan)).then_some(id)
}

fn copied(work: &Work, module: &Module, plan: &LookupPlan, data: &Map<String, Value>) -> Option<Value> {
    let target = work.schema.whole_numbered(plan.target)?;
    derive::looked_up(target, module, plan, data, &work.workspace.locale)
}
