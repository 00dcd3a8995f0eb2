//! What no two records may share and no unique slot keeps apart: fields of a module that are unique together, and unique
//! fields for which no slot was left. The keys are rows of a table, so that two writers at the same moment cannot both
//! have one.

pub(super) mod store;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::{Error, Fault, Invalid, pointer};
use super::values;
use crate::db::{DbError, TenantTx};
use crate::field::Key;
use crate::id::RecordId;
use crate::schema::{Module, UniqueRule};
use crate::work::Work;

/// A value, or several together, that a record has to itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct OwnKey {
    /// The name of its rule.
    pub(super) rule: String,
    pub(super) key: String,
}

/// The keys that a record with this data has to itself. A rule says nothing about a record that lacks one of its fields.
pub(super) fn keys(module: &Module, data: &Map<String, Value>) -> Vec<OwnKey> {
    let rules = module.unique_rules();
    rules.into_iter().filter_map(|rule| Some(OwnKey { key: key(&rule, data)?, rule: rule.name })).collect()
}

fn key(rule: &UniqueRule<'_>, data: &Map<String, Value>) -> Option<String> {
    let parts = rule.fields.iter().map(|stored| {
        let value = data.get(&stored.field.key).filter(|value| !value.is_null())?;
        match values::unique_key(stored, value) {
            Key::Text(text) => Some(text),
            Key::Number(_) | Key::Instant(_) => None,
        }
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    match parts.as_slice() {
        [one] => Some(one.clone()),
        several => {
            let lengths = several.iter().map(|part| format!("{}:{part}", part.len()));
            let digest = Sha256::digest(lengths.collect::<String>());
            Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
        }
    }
}

/// What is told when a key is another record's: a fault at each field of the rule. Not whose it is.
pub(super) fn taken(module: &Module, rule: &str) -> Vec<Fault> {
    let rules = module.unique_rules();
    let Some(rule) = rules.iter().find(|own| own.name == rule) else { return Vec::new() };
    let one = module.definition.label.one.to_lowercase();
    let labels: Vec<&str> = rule.fields.iter().map(|stored| stored.field.label.as_str()).collect();
    let message = match labels.as_slice() {
        [label] => format!("Another {one} already has this {label}."),
        labels => format!("Another {one} already has the same {} together.", labels.join(", ")),
    };
    rule.fields
        .iter()
        .map(|stored| Fault::new(pointer(&stored.field.key), "unique", message.clone()))
        .collect()
}

/// Takes keys for records that the transaction has written. Waits for whoever is taking one of them at this moment; what
/// another record has is refused.
pub(super) async fn claim(
    work: &Work,
    module: &Module,
    mut keys: Vec<(OwnKey, RecordId)>,
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    // In one order, so that two writers never wait for each other.
    keys.sort_unstable();
    let claimed = store::claim(&work.tx, module.number, &keys).await?;
    let missed = keys.iter().filter(|(key, record)| !claimed.contains(&(key.rule.clone(), *record)));
    let mut rules: Vec<&str> = missed.map(|(key, _)| key.rule.as_str()).collect();
    rules.dedup();
    let faults: Vec<Fault> = rules.into_iter().flat_map(|rule| taken(module, rule)).collect();
    Ok(Invalid::unless_empty(faults)?)
}

/// Renews the keys of a record that has changed.
pub(super) async fn renew(
    work: &Work,
    module: &Module,
    id: RecordId,
    (old, new): (&Map<String, Value>, &Map<String, Value>),
) -> Result<(), Error> {
    let (old, new) = (keys(module, old), keys(module, new));
    if old == new {
        return Ok(());
    }
    let gone: Vec<&str> = old.iter().filter(|key| !new.contains(key)).map(|key| key.rule.as_str()).collect();
    store::release(&work.tx, id, &gone).await?;
    let fresh = new.iter().filter(|key| !old.contains(key)).map(|key| (key.clone(), id));
    claim(work, module, fresh.collect()).await
}

/// Gives up the keys that a record no longer has, because of what is gone from it.
pub(super) async fn give_up(
    tx: &TenantTx,
    module: &Module,
    id: RecordId,
    (old, new): (&Map<String, Value>, &Map<String, Value>),
) -> Result<(), DbError> {
    let (old, new) = (keys(module, old), keys(module, new));
    let gone: Vec<&str> = old.iter().filter(|key| !new.contains(key)).map(|key| key.rule.as_str()).collect();
    store::release(tx, id, &gone).await
}

/// Gives up every key of a record that goes to the trash.
pub(super) async fn release(work: &Work, module: &Module, id: RecordId) -> Result<(), DbError> {
    if module.unique_rules().is_empty() {
        return Ok(());
    }
    store::release_all(&work.tx, id).await
}
