//! Finding the twins of records: by shared keys first, by their values then.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{Candidate, Twin, compare, store};
use crate::access::{Permit, Read};
use crate::id::{RecordId, UserId};
use crate::record::error::Error;
use crate::schema::Module;
use crate::schema::definition::{DuplicateRule, OnCreate};
use crate::work::Work;

/// A record as it is compared.
struct Compared {
    id: RecordId,
    title: String,
    owner: Option<UserId>,
    data: Map<String, Value>,
}

/// For each of some records' data, those in the table that they resemble, the likeliest first.
pub(in crate::record) async fn twins(
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
        let mut twins: Vec<Twin> = records.filter_map(|record| twin(module, &permit, data, record)).collect();
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
    let blocks = met.iter().any(|(rule, _)| rule.on_create == OnCreate::Block);
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
