//! Records that are likely the same thing twice. Each record leaves a few keys, in forms in which likely twins agree; who
//! shares one is a candidate, and is compared value by value.

mod compare;
mod find;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use tokio_postgres::types::Json;

pub(super) use find::twins;

use super::error::{Error, Invalid};
use super::{read, values};
use crate::db::DbError;
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::Work;

/// A record that is likely the same as another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub title: String,
    /// How alike they are, in percent.
    pub score: u8,
    /// The fields by which they are.
    pub fields: Vec<String>,
}

/// A candidate with what decides about it.
pub(super) struct Twin {
    pub(super) candidate: Candidate,
    /// Whether the actor may know of it.
    pub(super) readable: bool,
    /// Whether the rule refuses rather than warns.
    pub(super) blocks: bool,
}

/// Records that one with this data would resemble, as far as the actor may know them, the likeliest first. Values are
/// brought into their stored form first; faults of theirs are told.
pub async fn of_data(work: &Work, module: &Module, raw: Map<String, Value>) -> Result<Vec<Candidate>, Error> {
    let mut faults = Vec::new();
    let data = values::normalise(module, raw, &work.workspace.locale, &mut faults);
    Invalid::unless_empty(faults)?;
    readable(work, module, None, data).await
}

/// Records that a record resembles, as far as the actor may know them, the likeliest first.
pub async fn of_record(work: &Work, module: &Module, id: RecordId) -> Result<Vec<Candidate>, Error> {
    let record = read::get(work, module, id).await?;
    let data = store::records(&work.tx, module.number, &[record.id]).await?;
    let data = data.first().map(|row| row.get::<_, Json<Map<String, Value>>>("data").0).unwrap_or_default();
    readable(work, module, Some(id), data).await
}

async fn readable(
    work: &Work,
    module: &Module,
    own: Option<RecordId>,
    data: Map<String, Value>,
) -> Result<Vec<Candidate>, Error> {
    let found = twins(work, module, &[data]).await?.pop().unwrap_or_default();
    let others = found.into_iter().filter(|twin| twin.readable && Some(twin.candidate.id) != own);
    Ok(others.map(|twin| twin.candidate).collect())
}

/// Keeps the keys of new records.
pub(super) async fn keep(
    work: &Work,
    module: &Module,
    records: impl Iterator<Item = (RecordId, &Map<String, Value>)>,
) -> Result<(), DbError> {
    if module.definition.duplicates.is_empty() {
        return Ok(());
    }
    let keys: BTreeMap<RecordId, BTreeSet<String>> =
        records.map(|(id, data)| (id, compare::keys(module, data))).collect();
    store::insert(&work.tx, module.number, &keys).await
}

/// Renews the keys of a record that has changed.
pub(super) async fn renew(
    work: &Work,
    module: &Module,
    id: RecordId,
    (old, new): (&Map<String, Value>, &Map<String, Value>),
) -> Result<(), DbError> {
    rekey(work, (module, module), id, (old, new)).await
}

/// [`renew`] where the module was another one before.
pub(super) async fn rekey(
    work: &Work,
    (before, module): (&Module, &Module),
    id: RecordId,
    (old, new): (&Map<String, Value>, &Map<String, Value>),
) -> Result<(), DbError> {
    let (old, new) = (compare::keys(before, old), compare::keys(module, new));
    let gone: Vec<&String> = old.difference(&new).collect();
    store::remove(&work.tx, module.number, id, &gone).await?;
    let fresh = new.difference(&old).cloned().collect();
    store::insert(&work.tx, module.number, &BTreeMap::from([(id, fresh)])).await
}
