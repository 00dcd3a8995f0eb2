//! Where a module points to itself, no record leads back to itself: a company is not its own parent, however far up.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::id::RecordId;
use crate::limits;
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::record::link::record_ids;
use crate::record::store;
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// Adds a fault to every change after which a record would be above itself. All records on the way up are locked
/// until the transaction ends: of two writes that would close a circle together, one waits and then sees the other.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    for stored in module.fields.iter().filter(|stored| is_hierarchy(module, stored)) {
        let moved: HashMap<RecordId, Option<RecordId>> =
            changes.iter().filter_map(|change| Some((change.id, new_parent(change, stored)?))).collect();
        if moved.values().all(Option::is_none) {
            continue;
        }
        let parents = ancestry(work, stored, &moved).await?;
        for change in changes.iter_mut().filter(|change| moved.contains_key(&change.id)) {
            change.faults.extend(fault(stored, change.id, &parents));
        }
    }
    Ok(())
}

fn is_hierarchy(module: &Module, stored: &StoredField) -> bool {
    stored.target() == Some(module.key()) && stored.link().is_some_and(|link| !link.cycles)
}

/// The parent that a change gives; None where it changes nothing about it.
fn new_parent(change: &Change, stored: &StoredField) -> Option<Option<RecordId>> {
    let value = change.data.get(&stored.field.key).unwrap_or(&Value::Null);
    (value != change.old(&stored.field.key)).then(|| record_ids(value).first().copied())
}

/// Parents by record, of everything above the records that move, as they will be.
async fn ancestry(
    work: &Work,
    stored: &StoredField,
    moved: &HashMap<RecordId, Option<RecordId>>,
) -> Result<HashMap<RecordId, RecordId>, Error> {
    let mut parents: HashMap<RecordId, RecordId> =
        moved.iter().filter_map(|(id, parent)| Some((*id, (*parent)?))).collect();
    let mut seen: HashSet<RecordId> = moved.keys().copied().collect();
    for _ in 0..=limits::ANCESTORS {
        let mut next: Vec<RecordId> = parents.values().copied().filter(|id| seen.insert(*id)).collect();
        if next.is_empty() {
            break;
        }
        next.sort_unstable();
        parents.extend(store::hold_parents(&work.tx, &stored.field.key, &next).await?);
    }
    Ok(parents)
}

fn fault(stored: &StoredField, id: RecordId, parents: &HashMap<RecordId, RecordId>) -> Option<Fault> {
    let at = || pointer(&stored.field.key);
    let mut above = id;
    for _ in 0..limits::ANCESTORS {
        above = *parents.get(&above)?;
        if above == id {
            return Some(Fault::new(at(), "circle", "This record would be above itself."));
        }
    }
    let message = format!("At most {} records may stand above each other.", limits::ANCESTORS);
    Some(Fault::new(at(), "depth", message))
}
