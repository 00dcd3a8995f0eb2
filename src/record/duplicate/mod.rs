//! Records that are likely the same thing twice. Each record leaves a few keys, in forms in which likely twins agree; who
//! shares one is a candidate, and is compared value by value.

mod compare;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::error::{Error, Invalid};
use super::{read, values};
use crate::access::{Permit, Read};
use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::schema::definition::DuplicateRule;
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

/// A record as it is compared.
struct Compared {
    id: RecordId,
    title: String,
    owner: Option<UserId>,
    data: Map<String, Value>,
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

/// For each of some records' data, those in the table that they resemble, the likeliest first.
pub(super) async fn twins(
    work: &Work,
    module: &Module,
    data: &[Map<String, Value>],
) -> Result<Vec<Vec<Twin>>, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let keys: Vec<BTreeSet<String>> = data.iter().map(|data| compare::keys(module, data)).collect();
    let asked: BTreeSet<&String> = keys.iter().flatten().collect();
    let mut holders: HashMap<String, Vec<RecordId>> = HashMap::new();
    for (key, record) in store::holders(&work.tx, module.number, &asked).await? {
        holders.entry(key).or_default().push(record);
    }
    let ids: HashSet<RecordId> = holders.values().flatten().copied().collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let rows = store::records(&work.tx, module.number, &ids).await?;
    let known: HashMap<RecordId, Compared> =
        rows.iter().map(compared).map(|record| (record.id, record)).collect();
    let of = |(data, keys): (&Map<String, Value>, &BTreeSet<String>)| {
        let near: BTreeSet<RecordId> =
            keys.iter().filter_map(|key| holders.get(key)).flatten().copied().collect();
        let records = near.iter().filter_map(|id| known.get(id));
        let mut twins: Vec<Twin> =
            records.filter_map(|record| twin(module, &permit, data, record)).collect();
        twins.sort_by_key(|twin| (std::cmp::Reverse(twin.candidate.score), twin.candidate.id));
        twins
    };
    Ok(data.iter().zip(&keys).map(of).collect())
}

fn compared(row: &Row) -> Compared {
    Compared {
        id: row.get("id"),
        title: row.get("title"),
        owner: row.get("owner_id"),
        data: row.get::<_, Json<Map<String, Value>>>("data").0,
    }
}

/// The record as a twin, if a rule takes it for one.
fn twin(
    module: &Module,
    permit: &Permit<Read>,
    data: &Map<String, Value>,
    record: &Compared,
) -> Option<Twin> {
    let met: Vec<(&DuplicateRule, compare::Score)> = module
        .definition
        .duplicates
        .iter()
        .map(|rule| (rule, compare::score(module, rule, data, &record.data)))
        .filter(|(rule, score)| score.percent >= rule.threshold)
        .collect();
    let (_, best) = met.iter().max_by_key(|(_, score)| score.percent)?;
    let blocks = met.iter().any(|(rule, _)| rule.on_create == crate::schema::definition::OnCreate::Block);
    Some(Twin {
        candidate: Candidate {
            id: record.id,
            title: record.title.clone(),
            score: best.percent,
            fields: best.fields.clone(),
        },
        readable: permit.covers(record.owner),
        blocks,
    })
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
    let (old, new) = (compare::keys(module, old), compare::keys(module, new));
    let gone: Vec<&String> = old.difference(&new).collect();
    store::remove(&work.tx, module.number, id, &gone).await?;
    let fresh = new.difference(&old).cloned().collect();
    store::insert(&work.tx, module.number, &BTreeMap::from([(id, fresh)])).await
}
