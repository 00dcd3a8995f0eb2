//! Takes records that are about to be gone for good out of the relations of those that are left, whatever `on_delete`
//! said of the trash: nothing leads to what is not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::store::{self, Holder, Note};
use crate::id::RecordId;
use crate::record::derive::{self, Ground, Moved, State};
use crate::record::error::Error;
use crate::record::link;
use crate::record::rules::formula;
use crate::record::unique;
use crate::record::values::Values;
use crate::work::Unattended;

/// What is left to do before some records may go.
pub(super) struct Detached {
    /// Records that something still leads to: others hold what points to them, or there is too much of it for one
    /// transaction.
    pub(super) awaited: HashSet<RecordId>,
    /// Whether anything was changed.
    pub(super) progress: bool,
}

/// Empties what points to some records, as much as one transaction should.
pub(super) async fn detach(work: &Unattended, gone: &[RecordId]) -> Result<Detached, Error> {
    let pointers = store::pointers(&work.tx, gone).await?;
    let full = pointers.len() == store::POINTERS;
    let mut fields: BTreeMap<RecordId, Vec<i16>> = BTreeMap::new();
    for pointer in &pointers {
        fields.entry(pointer.from).or_default().push(pointer.field);
    }
    let ids: Vec<RecordId> = fields.keys().copied().collect();
    let holders = store::hold(&work.tx, &ids).await?;
    let held: HashSet<RecordId> = holders.iter().map(|holder| holder.id).collect();
    let mut moved = Vec::new();
    for holder in holders {
        let fields = fields.remove(&holder.id).unwrap_or_default();
        moved.extend(loosen(work, holder, &fields, gone).await?);
    }
    store::unlink_from(&work.tx, &held.iter().copied().collect::<Vec<_>>(), gone).await?;
    derive::follow(Ground::unattended(work), moved).await?;
    let awaited = match full {
        // There may be more that was not looked at.
        true => gone.iter().copied().collect(),
        false => pointers
            .iter()
            .filter(|pointer| !held.contains(&pointer.from))
            .map(|pointer| pointer.to)
            .collect(),
    };
    Ok(Detached { awaited, progress: !held.is_empty() })
}

/// A record without those that are gone, and without what was copied from them.
async fn loosen(
    work: &Unattended,
    holder: Holder,
    fields: &[i16],
    gone: &[RecordId],
) -> Result<Option<Moved>, Error> {
    let ground = Ground::unattended(work);
    let Some(module) = ground.schema.whole_numbered(holder.module) else { return Ok(None) };
    let before = holder.state;
    let mut data = before.data.clone();
    let emptied: Vec<&String> =
        module.fields.iter().filter(|own| fields.contains(&own.number)).map(|own| &own.field.key).collect();
    for key in &emptied {
        match link::without(data.get(*key).unwrap_or(&Value::Null), gone) {
            Value::Null => data.remove(*key),
            left => data.insert((*key).clone(), left),
        };
    }
    for plan in ground.schema.plans.lookups_of(module.number).filter(|plan| emptied.contains(&&plan.relation))
    {
        data.remove(&plan.field);
    }
    formula::compute(module, ground.locale, before.stage, &mut data);
    let values = Values::derived(ground, module, data);
    let changes = differences(&before.data, &values.data);
    store::write(&work.tx, holder.id, &values).await?;
    let note = Note { module: module.number, record: holder.id, version: holder.version + 1, changes };
    store::note(&work.tx, note, work.clock.now()).await?;
    unique::give_up(&work.tx, module, holder.id, (&before.data, &values.data)).await?;
    let after = State { data: values.data, ..before.clone() };
    Ok(Some(Moved { module: module.number, id: holder.id, before: Some(before), after }))
}

/// What differs, as history keeps it.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |key: &&String| before.get(*key) != after.get(*key);
    let change = |key: &String| (key.clone(), json!({"from": before.get(key), "to": after.get(key)}));
    keys.into_iter().filter(differs).map(change).collect()
}
