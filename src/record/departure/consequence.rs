//! Works out what a record's way to the trash does to others: who goes along, who is emptied, who holds it back.

use std::collections::{BTreeMap, HashSet};

use super::{Dependent, hold, store};
use crate::db::DbError;
use crate::field::OnDelete;
use crate::id::RecordId;
use crate::limits;
use crate::record::error::Error;
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// What follows.
pub(super) struct Consequence {
    /// The record and all that go with it.
    pub(super) going: Vec<RecordId>,
    /// Those that go along.
    pub(super) taken: Vec<Dependent>,
    /// Those that stay, with the relations of theirs that lose something.
    pub(super) emptied: Vec<(Dependent, Vec<String>)>,
}

/// A link to a record that goes.
pub(super) struct Pointer {
    pub(super) from: RecordId,
    pub(super) module: i16,
    pub(super) field: i16,
}

/// Every record is locked before it is asked who points to it, and whoever makes a link locks its target: so nobody
/// points to a record any more after this has looked, until the transaction ends.
pub(super) async fn of(work: &Work, module: &Module, id: RecordId) -> Result<Consequence, Error> {
    let mut consequence = Consequence { going: vec![id], taken: Vec::new(), emptied: Vec::new() };
    let (mut going, mut staying, mut restricting) = (HashSet::from([id]), Vec::new(), Vec::new());
    let (mut frontier, mut modules) = (vec![id], vec![module.number]);
    while !frontier.is_empty() {
        let rules = rules(work, &modules);
        let pointers = store::pointers(work, &frontier, &rules).await?;
        if pointers.len() > limits::DEPARTING {
            return Err(too_many(work, pointers).await?);
        }
        let (along, others): (Vec<Pointer>, Vec<Pointer>) =
            pointers.into_iter().partition(|pointer| rule(work, pointer) == OnDelete::Cascade);
        staying.extend(others);
        let next: Vec<RecordId> =
            along.iter().map(|pointer| pointer.from).filter(|from| going.insert(*from)).collect();
        let held = store::hold(work, &next).await?;
        let fixed: HashSet<RecordId> = held.iter().filter(|own| own.is_fixed()).map(|own| own.id).collect();
        restricting.extend(along.into_iter().filter(|pointer| fixed.contains(&pointer.from)));
        frontier = held.iter().map(|dependent| dependent.id).collect();
        modules = held.iter().map(|dependent| dependent.module.number).collect();
        consequence.going.extend(&frontier);
        consequence.taken.extend(held);
        if consequence.taken.len() + staying.len() > limits::DEPARTING {
            return Err(too_many(work, staying).await?);
        }
    }
    staying.retain(|pointer| !going.contains(&pointer.from));
    let (holding, emptied): (Vec<Pointer>, Vec<Pointer>) =
        staying.into_iter().partition(|pointer| rule(work, pointer) == OnDelete::Restrict);
    restricting.extend(holding);
    if !restricting.is_empty() {
        return Err(hold::refusal(work, &restricting).await?);
    }
    consequence.emptied = losers(work, emptied).await?;
    Ok(consequence)
}

/// Of too many pointers, one that holds the record back is still the better reason.
async fn too_many(work: &Work, mut pointers: Vec<Pointer>) -> Result<Error, DbError> {
    pointers.retain(|pointer| rule(work, pointer) == OnDelete::Restrict);
    match pointers.is_empty() {
        true => Ok(Error::TooManyDependents),
        false => hold::refusal(work, &pointers).await,
    }
}

/// The relations that something follows from when records of some modules go: (module number, field number).
fn rules(work: &Work, modules: &[i16]) -> Vec<(i16, i16)> {
    let going: Vec<&str> =
        modules.iter().filter_map(|number| Some(work.schema.by_number(*number)?.key())).collect();
    let acts = |stored: &&StoredField| {
        let link = stored.link();
        link.is_some_and(|link| {
            link.on_delete != OnDelete::Keep && link.targets.iter().any(|target| going.contains(target))
        })
    };
    let of = |module: &Module| -> Vec<(i16, i16)> {
        module.whole().fields.iter().filter(acts).map(|stored| (module.number, stored.number)).collect()
    };
    work.schema.modules().flat_map(|module| of(module)).collect()
}

fn field<'w>(work: &'w Work, pointer: &Pointer) -> Option<&'w StoredField> {
    let module = work.schema.whole_numbered(pointer.module)?;
    module.fields.iter().find(|stored| stored.number == pointer.field)
}

fn rule(work: &Work, pointer: &Pointer) -> OnDelete {
    field(work, pointer).and_then(StoredField::link).map(|link| link.on_delete).unwrap_or_default()
}

/// The records that lose something, locked, each with its fields that do.
async fn losers(work: &Work, pointers: Vec<Pointer>) -> Result<Vec<(Dependent, Vec<String>)>, DbError> {
    let mut keys: BTreeMap<RecordId, Vec<String>> = BTreeMap::new();
    for pointer in &pointers {
        let Some(stored) = field(work, pointer) else { continue };
        let keys = keys.entry(pointer.from).or_default();
        if !keys.contains(&stored.field.key) {
            keys.push(stored.field.key.clone());
        }
    }
    let ids: Vec<RecordId> = keys.keys().copied().collect();
    let held = store::hold(work, &ids).await?;
    Ok(held
        .into_iter()
        .filter_map(|dependent| {
            let keys = keys.remove(&dependent.id)?;
            Some((dependent, keys))
        })
        .collect())
}
