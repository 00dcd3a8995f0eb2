//! What no two records may share, as far as it can be told before the record is written. Of two writers at the same
//! moment the table of keys lets one pass.

use std::collections::HashMap;

use crate::db::DbError;
use crate::id::RecordId;
use crate::record::change::Change;
use crate::record::unique::{self, OwnKey, store};
use crate::schema::Module;
use crate::work::Work;

/// Adds a fault at each field of a rule whose key another record has, also one earlier among the changes.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), DbError> {
    if module.unique_rules().is_empty() {
        return Ok(());
    }
    let keys: Vec<Vec<OwnKey>> = changes.iter().map(|change| unique::keys(module, &change.data)).collect();
    let asked: Vec<OwnKey> = keys.iter().flatten().cloned().collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut holders: HashMap<OwnKey, RecordId> =
        store::holders(&work.tx, module.number, &asked).await?.into_iter().collect();
    for (change, keys) in changes.iter_mut().zip(keys) {
        for key in keys {
            let rule = key.rule.clone();
            let holder = *holders.entry(key).or_insert(change.id);
            if holder != change.id {
                change.faults.extend(unique::taken(module, &rule));
            }
        }
    }
    Ok(())
}
