//! The write path, read top to bottom: permit → values → rules → statement → effects (links, audit, event). New records
//! take it in `batch`, one or many alike.

use std::slice;

use futures_util::future::{try_join4, try_join5};
use serde_json::{Map, Value, json};

use super::change::Change;
use super::error::{Error, Fault, pointer};
use super::output::Record;
use super::stage::Holding;
use super::store::{self, Changed, Current};
use super::values::Values;
use super::{batch, effects, read, rules, stage, unique};
use crate::access::{Delete, Denied, Permit, Read, Update, VerbType};
use crate::audit::Action;
use crate::db::DbError;
use crate::event::Kind;
use crate::id::{RecordId, UserId};
use crate::schema::{Module, Slot};
use crate::work::Work;

/// What a caller gives for a new record.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Values by field key, in the API's JSON form.
    pub data: Map<String, Value>,
    /// Who owns it; the actor where nobody is named.
    pub owner: Option<UserId>,
    /// A pipeline's key; the default one where none is named.
    pub pipeline: Option<String>,
    /// A stage's key; the first stage where none is named.
    pub stage: Option<String>,
    /// Why it is there: the key of a lost reason, or a note.
    pub reason: Option<String>,
    /// Whether it may resemble other records, where the module's rules only warn of that.
    pub allow_duplicates: bool,
}

/// What a caller wants changed: JSON Merge Patch (RFC 7396) of the data, and what else is given.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Values by field key; null empties a field, what is not named stays.
    pub data: Map<String, Value>,
    /// `Some(None)` leaves the record without an owner.
    pub owner: Option<Option<UserId>>,
    /// A pipeline's key; its first stage where the record comes from another one and no stage is named.
    pub pipeline: Option<String>,
    /// A stage's key.
    pub stage: Option<String>,
    /// Why it moves there: the key of a lost reason, or a note.
    pub reason: Option<String>,
}

/// Creates a record. Faults are all told at once; nothing is written when there is one.
pub async fn create(work: &Work, module: &Module, input: Input) -> Result<Record, Error> {
    match batch::create_many(work, module, vec![input]).await?.pop() {
        Some(Ok(id)) => read::written(work, module, id).await,
        Some(Err(invalid)) => Err(invalid.into()),
        None => Err(Error::NotFound),
    }
}

/// Changes a record. `expected` is the version the caller has seen; None is for callers that hold the record anyway.
pub async fn update(
    work: &Work,
    module: &Module,
    id: RecordId,
    expected: Option<i32>,
    patch: Patch,
) -> Result<Record, Error> {
    let (current, permit) = locked::<Update>(work, module, id).await?;
    in_state(&current, expected, false)?;
    let version = current.version + 1;
    let held = Holding::of(module, current.stage, &current.data);
    let from = current.stage;
    let mut change = Change::update(work, module, id, current, patch);
    rules::apply(work, module, permit.reach(), slice::from_mut(&mut change)).await?;
    let values = Values::check(work, module, &mut change)?;

    let differences = change.differences(module, &values.data);
    if differences.is_empty() {
        return read::written(work, module, id).await;
    }
    let (by, at) = (work.actor.user, work.clock.now());
    let changed = Changed { id, stage: change.stage, owner: change.owner, by, at, values: &values };
    let keys: Vec<String> = differences.keys().cloned().collect();
    try_join5(
        store::update(&work.tx, &permit, &changed),
        effects::relink(work, module, id, &values, &keys),
        effects::journal(work, module, Action::Updated, (id, version), differences),
        effects::announce(work, module, Kind::RecordUpdated, (id, version), json!(keys)),
        effects::progress(work, module, &change, (from, held), &values.data),
    )
    .await
    .map_err(|error| refused(module, error))?;
    effects::rekey(work, module, &change, &values).await?;
    read::written(work, module, id).await
}

/// Moves a record to the trash.
pub async fn delete(work: &Work, module: &Module, id: RecordId, expected: Option<i32>) -> Result<(), Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, expected, false)?;
    rules::gate::may_delete(module, current.stage)?;
    let held: Vec<Holding> = Holding::of(module, current.stage, &current.data).into_iter().collect();
    let (now, version) = (work.clock.now(), current.version + 1);
    try_join4(
        store::set_deleted(&work.tx, &permit, id, Some(now), (work.actor.user, now)),
        effects::journal(work, module, Action::Deleted, (id, version), Map::new()),
        effects::announce(work, module, Kind::RecordDeleted, (id, version), Value::Null),
        stage::changed(work, module, &held, &[]),
    )
    .await?;
    Ok(unique::release(work, module, id).await?)
}

/// Brings a record back from the trash.
pub async fn restore(work: &Work, module: &Module, id: RecordId) -> Result<Record, Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, None, true)?;
    let held: Vec<Holding> = Holding::of(module, current.stage, &current.data).into_iter().collect();
    let version = current.version + 1;
    try_join4(
        store::set_deleted(&work.tx, &permit, id, None, (work.actor.user, work.clock.now())),
        effects::journal(work, module, Action::Restored, (id, version), Map::new()),
        effects::announce(work, module, Kind::RecordRestored, (id, version), Value::Null),
        stage::changed(work, module, &[], &held),
    )
    .await
    .map_err(|error| refused(module, error))?;
    let keys = unique::keys(module, &current.data).into_iter().map(|key| (key, id));
    unique::claim(work, module, keys.collect()).await?;
    read::written(work, module, id).await
}

/// The record, locked, with the permit to do `V` to it. What the actor may not read does not exist.
async fn locked<V: VerbType>(
    work: &Work,
    module: &Module,
    id: RecordId,
) -> Result<(Current, Permit<V>), Error> {
    let readable = work.actor.permit::<Read>(module.key())?;
    let current = store::lock(&work.tx, module.number, id).await?;
    let current = current.filter(|current| readable.covers(current.owner)).ok_or(Error::NotFound)?;
    let permit = work.actor.permit::<V>(module.key())?;
    match permit.covers(current.owner) {
        true => Ok((current, permit)),
        false => Err(Denied { module: module.key().to_owned(), verb: V::VERB }.into()),
    }
}

fn in_state(current: &Current, expected: Option<i32>, in_trash: bool) -> Result<(), Error> {
    if current.deleted != in_trash {
        return Err(Error::NotFound);
    }
    match expected {
        Some(version) if version != current.version => Err(Error::Stale { current: current.version }),
        _ => Ok(()),
    }
}

/// A unique slot's refusal, told at its field.
pub(super) fn refused(module: &Module, error: DbError) -> Error {
    let taken = module.fields.iter().filter(|stored| stored.field.unique).find(|stored| {
        let constraint = |slot: Slot| format!("records_{}_key", slot.column());
        stored.slot.is_some_and(|slot| error.violates_unique(&constraint(slot)))
    });
    match taken {
        Some(stored) => Fault::new(
            pointer(&stored.field.key),
            "unique",
            format!(
                "Another {} already has this {}.",
                module.definition.label.one.to_lowercase(),
                stored.field.label
            ),
        )
        .into(),
        None => error.into(),
    }
}
