//! What a record points to must be there, as far as the actor may know.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join;
use serde_json::Value;

use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::record::change::Change;
use crate::record::error::{Fault, pointer};
use crate::record::link::{self, record_id};
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// What of the records and people that some changes point to is there for the actor.
struct Known {
    /// Module keys of readable records.
    records: HashMap<RecordId, String>,
    /// Active members.
    members: HashSet<UserId>,
}

/// Adds a fault for every new relation to a record, and every new member, that does not exist for the actor.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), DbError> {
    let known = look_up(work, module, changes).await?;
    for change in changes {
        let faults: Vec<Fault> = change
            .news()
            .filter_map(|(key, value)| known.fault(work, module.field(key)?, change.old(key), value))
            .collect();
        change.faults.extend(faults);
    }
    Ok(())
}

/// Asks once for all.
async fn look_up(work: &Work, module: &Module, changes: &[Change]) -> Result<Known, DbError> {
    let (mut records, mut members) = (Vec::new(), Vec::new());
    for (key, value) in changes.iter().flat_map(Change::news) {
        match module.field(key) {
            Some(stored) if stored.target().is_some() => records.extend(record_id(value)),
            Some(stored) => members.extend(link::people(stored, value)),
            None => {}
        }
    }
    records.sort_unstable();
    records.dedup();
    members.sort_unstable();
    members.dedup();
    let (records, members) =
        try_join(link::readable(work, &records), link::active_members(work, &members)).await?;
    Ok(Known { records, members })
}

impl Known {
    fn fault(&self, work: &Work, stored: &StoredField, old: &Value, value: &Value) -> Option<Fault> {
        let at = || pointer(&stored.field.key);
        if let Some(target) = stored.target() {
            let id = record_id(value)?;
            let missing = self.records.get(&id).map(String::as_str) != Some(target);
            let one = work.schema.module(target).map_or(target, |module| &module.definition.label.one);
            return missing
                .then(|| Fault::new(at(), "relation", format!("There is no such {}.", one.to_lowercase())));
        }
        // Whoever was named already may have left since, and stays named.
        let named = link::people(stored, old);
        let missing = |user: &UserId| !self.members.contains(user) && !named.contains(user);
        let missing = link::people(stored, value).iter().any(missing);
        missing.then(|| Fault::new(at(), "member", "Choose an active member of the workspace."))
    }
}
