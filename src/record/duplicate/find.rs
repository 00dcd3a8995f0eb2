//! Finding the twins of records: by shared keys first, by their values then.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{Candidate, Twin, compare, store};
use crate::access::Read;
use crate::id::{RecordId, UserId};
use crate::record::error::Error;
use crate::record::reach;
use crate::record::values;
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
    let seen = work.schema.module(module.key()).map_or(module, |seen| seen);
    let known: HashMap<RecordId, Compared> =
        rows.iter().map(|row| compared(work, seen, row)).map(|record| (record.id, record)).collect();
    let owners: Vec<_> = known.values().map(|record| (record.id, record.owner)).collect();
    let readable = reach::covered(work, module, &permit, &owners).await?;
    let of = |(data, keys): (&Map<String, Value>, &BTreeSet<String>)| {
        let near: BTreeSet<RecordId> =
            keys.iter().filter_map(|key| holders.get(key)).flatten().copied().collect();
        let records = near.iter().filter_map(|id| known.get(id));
        let mut twins: Vec<Twin> =
            records.filter_map(|record| twin(work, module, &readable, data, record)).collect();
        for twin in &mut twins {
            twin.candidate.fields.retain(|key| seen.field(key).is_some());
        }
        twins.sort_by_key(|twin| (std::cmp::Reverse(twin.candidate.score), twin.candidate.id));
        twins
    };
    Ok(data.iter().zip(&keys).map(of).collect())
}

/// `seen` is the module as the actor sees it, whose title may leave words out.
fn compared(work: &Work, seen: &Module, row: &Row) -> Compared {
    let Json(data) = row.get::<_, Json<Map<String, Value>>>("data");
    let title = match seen.conceals_title() {
        true => values::title(work, seen, &data),
        false => row.get("title"),
    };
    Compared { id: row.get("id"), title, owner: row.get("owner_id"), data }
}

/// The record as a twin, if a rule takes it for one.
fn twin(
    work: &Work,
    module: &Module,
    readable: &HashSet<RecordId>,
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
        readable: readable.contains(&record.id) && is_told(work, module, &met),
        blocks,
    })
}

/// Whether the actor may know the title, and every field that the rules compare: else a likeness would tell of values
/// that are kept from them.
fn is_told(work: &Work, module: &Module, met: &[(&DuplicateRule, compare::Score)]) -> bool {
    let Some(seen) = work.schema.module(module.key()) else { return false };
    let mut traits = met.iter().flat_map(|(rule, _)| &rule.traits);
    !seen.conceals_title() && traits.all(|own| seen.is_askable(&own.field))
}
