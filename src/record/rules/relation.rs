//! What a record points to must be there, as far as the actor may know, and be one of those that may be chosen.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join;
use serde_json::Value;

use crate::id::{RecordId, UserId};
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::record::link::{self, record_ids};
use crate::record::read;
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// What of the records and people that some changes point to is there for the actor.
struct Known {
    /// Module keys of readable records.
    records: HashMap<RecordId, String>,
    /// Active members.
    members: HashSet<UserId>,
    /// Of the relations that have a condition, by field key: the records that meet it.
    eligible: HashMap<String, HashSet<RecordId>>,
}

/// Adds a fault for every new relation to a record, and every new member, that does not exist for the actor.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    let known = look_up(work, module, changes).await?;
    for change in changes {
        let mut faults: Vec<Fault> = Vec::new();
        for (key, value) in change.news() {
            let Some(stored) = module.field(key) else { continue };
            faults.extend(known.member_fault(stored, change.old(key), value));
            faults.extend(known.link_faults(work, stored, value, change.old(key)));
        }
        change.faults.extend(faults);
    }
    Ok(())
}

/// Asks once for all.
async fn look_up(work: &Work, module: &Module, changes: &[Change]) -> Result<Known, Error> {
    let (mut records, mut members) = (Vec::new(), Vec::new());
    let mut conditional: HashMap<&str, Vec<RecordId>> = HashMap::new();
    for (key, value, old) in
        changes.iter().flat_map(|change| change.news().map(|(key, value)| (key, value, change.old(key))))
    {
        match module.field(key) {
            Some(stored) if stored.link().is_some() => {
                let new = new_ids(value, old);
                if stored.link().is_some_and(|link| link.filter.is_some()) {
                    conditional.entry(key).or_default().extend(&new);
                }
                records.extend(new);
            }
            Some(stored) => members.extend(link::people(stored, value)),
            None => {}
        }
    }
    records.sort_unstable();
    records.dedup();
    members.sort_unstable();
    members.dedup();
    let (records, members) =
        try_join(link::linkable(work, &records), link::active_members(work, &members)).await?;
    let mut eligible = HashMap::new();
    for (key, ids) in conditional {
        if let Some(stored) = module.field(key) {
            eligible.insert(key.to_owned(), read::eligible(work, stored, &ids).await?);
        }
    }
    Ok(Known { records, members, eligible })
}

/// What is pointed to now and was not before: what was chosen once may lie in the trash by now.
fn new_ids(value: &Value, old: &Value) -> Vec<RecordId> {
    let old = record_ids(old);
    record_ids(value).into_iter().filter(|id| !old.contains(id)).collect()
}

impl Known {
    fn member_fault(&self, stored: &StoredField, old: &Value, value: &Value) -> Option<Fault> {
        // Whoever was named already may have left since, and stays named.
        let named = link::people(stored, old);
        let missing = |user: &UserId| !self.members.contains(user) && !named.contains(user);
        let missing = link::people(stored, value).iter().any(missing);
        let message = "Choose an active member of the workspace.";
        missing.then(|| Fault::new(pointer(&stored.field.key), "member", message))
    }

    fn link_faults(&self, work: &Work, stored: &StoredField, value: &Value, old: &Value) -> Vec<Fault> {
        let Some(link) = stored.link() else { return Vec::new() };
        let positions = record_ids(value);
        let at = |id: &RecordId| match link.many {
            true => {
                let position = positions.iter().position(|held| held == id).unwrap_or_default();
                format!("{}/{position}", pointer(&stored.field.key))
            }
            false => pointer(&stored.field.key),
        };
        let fault = |id: &RecordId| {
            let is_there = |module: &String| link.targets.contains(&module.as_str());
            if !self.records.get(id).is_some_and(is_there) {
                let message = format!("There is no such {}.", names(work, &link.targets));
                return Some(Fault::new(at(id), "relation", message));
            }
            let eligible = self.eligible.get(&stored.field.key).is_none_or(|ids| ids.contains(id));
            let message = "This record is not one of those that may be chosen here.";
            (!eligible).then(|| Fault::new(at(id), "filter", message))
        };
        new_ids(value, old).iter().filter_map(fault).collect()
    }
}

/// "contact or organization"
fn names(work: &Work, targets: &[&str]) -> String {
    let one = |target: &&str| {
        let module = work.schema.module(target);
        module.map_or(*target, |module| &module.definition.label.one).to_lowercase()
    };
    targets.iter().map(one).collect::<Vec<_>>().join(" or ")
}
