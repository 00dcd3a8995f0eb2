//! Lookups: a value that has changed is copied to the records that look it up.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{Ground, Moved, mark, refresh, store};
use crate::field::{self, Locale};
use crate::id::RecordId;
use crate::limits::DEPENDENTS;
use crate::record::error::Error;
use crate::schema::Module;
use crate::schema::rules::LookupPlan;

/// Copies what has changed of some records to those that look it up; gives the records that it changed.
pub(super) async fn copy_down(ground: Ground<'_>, moved: &[Moved]) -> Result<Vec<Moved>, Error> {
    let mut changed = Vec::new();
    for record in moved {
        for (dependent, link) in followers(ground, record) {
            let ids = store::links(ground.tx, link, record.id, RecordId::NIL, DEPENDENTS + 1).await?;
            if ids.len() > DEPENDENTS {
                mark::relation(ground, dependent, link, record.id).await?;
                continue;
            }
            let (mut copied, all) =
                copy_to(ground, dependent, link, record.id, &record.after.data, &ids).await?;
            changed.append(&mut copied);
            if !all {
                mark::relation(ground, dependent, link, record.id).await?;
            }
        }
    }
    Ok(changed)
}

/// The relations, as (module, number), by which others copy something of a record that has changed.
fn followers(ground: Ground<'_>, record: &Moved) -> Vec<(i16, i16)> {
    // Nothing points to a record that is new.
    let Some(before) = &record.before else { return Vec::new() };
    let plans = ground.schema.plans.copying(record.module).iter();
    let touched = plans.filter(|plan| before.data.get(&plan.source) != record.after.data.get(&plan.source));
    let mut followers: Vec<(i16, i16)> = touched.map(|plan| (plan.dependent, plan.link)).collect();
    followers.sort_unstable();
    followers.dedup();
    followers
}

/// Copies the values of a record to some that point to it by a relation. Those that somebody else holds are left out;
/// says whether there were none.
pub(super) async fn copy_to(
    ground: Ground<'_>,
    dependent: i16,
    link: i16,
    target: RecordId,
    source: &Map<String, Value>,
    ids: &[RecordId],
) -> Result<(Vec<Moved>, bool), Error> {
    let Some(module) = ground.schema.whole_numbered(dependent) else { return Ok((Vec::new(), true)) };
    let ids = store::of_module(ground.tx, dependent, ids).await?;
    let rows = store::seize(ground.tx, &ids).await?;
    let all = rows.len() == ids.len();
    let mut changed = Vec::new();
    for (id, state) in rows {
        let plans = ground.schema.plans.lookups_of(dependent).filter(|plan| plan.link == link);
        let points_there = |plan: &&LookupPlan| {
            state.data.get(&plan.relation).and_then(Value::as_str) == Some(target.to_string().as_str())
        };
        let values: Vec<_> = plans
            .filter(points_there)
            .map(|plan| (plan.field.clone(), copied(ground, module, plan, source)))
            .collect();
        changed.extend(refresh(ground, module, id, state, values).await?);
    }
    Ok((changed, all))
}

fn copied(
    ground: Ground<'_>,
    module: &Module,
    plan: &LookupPlan,
    source: &Map<String, Value>,
) -> Option<Value> {
    let target = ground.schema.whole_numbered(plan.target)?;
    value(target, module, plan, source, ground.locale)
}

/// The value that a lookup has, in the form of its own field.
pub(in crate::record) fn value(
    target: &Module,
    module: &Module,
    plan: &LookupPlan,
    source: &Map<String, Value>,
    locale: &Locale,
) -> Option<Value> {
    let given = source.get(&plan.source)?;
    let currency = field::currency_of(&target.field(&plan.source)?.field.kind, given);
    let kind = &module.field(&plan.field)?.field.kind;
    field::settled(kind, &target.value(source, &plan.source), currency, locale)
}

/// Every lookup of some records, computed anew: by record, the values by field.
pub(super) async fn recompute(
    ground: Ground<'_>,
    module: &Module,
    rows: &BTreeMap<RecordId, super::State>,
) -> Result<HashMap<RecordId, Vec<(String, Option<Value>)>>, Error> {
    let plans: Vec<&LookupPlan> = ground.schema.plans.lookups_of(module.number).collect();
    let points = |state: &super::State, plan: &LookupPlan| -> Option<RecordId> {
        state.data.get(&plan.relation)?.as_str()?.parse().ok()
    };
    let mut targets: Vec<RecordId> =
        rows.values().flat_map(|state| plans.iter().filter_map(|plan| points(state, plan))).collect();
    targets.sort_unstable();
    targets.dedup();
    let found = store::read(ground.tx, &targets).await?;
    let of = |state: &super::State| {
        let values = plans.iter().map(|plan| {
            let source = points(state, plan).and_then(|id| found.get(&id));
            (plan.field.clone(), source.and_then(|source| copied(ground, module, plan, source)))
        });
        values.collect::<Vec<_>>()
    };
    Ok(rows.iter().map(|(id, state)| (*id, of(state))).collect())
}
