//! The write path, read top to bottom: permit → values → rules → statement → effects (links, audit, event). New records
//! take it in `batch`, one or many alike.

use std::slice;

use futures_util::future::{try_join4, try_join5};
use serde_json::{Map, Value, json};

use super::change::Change;
use super::derive::{self, Ground, Moved, State};
use super::error::{Error, Fault, Invalid, pointer};
use super::output::Record;
use super::stage::Holding;
use super::store::{self, Changed, Current};
use super::values::Values;
use super::{batch, departure, effects, product, reach, read, rules, stage, unique};
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
    match batch::create_all(work, module, vec![input]).await?.pop() {
        Some(Ok(created)) => {
            let record = read::written(work, module, created.id).await?;
            Ok(Record { warnings: created.warnings, ..record })
        }
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
    let warnings =
        Box::pin(change(work, module, id, expected, patch)).await.map_err(|error| error.told(module))?;
    let warnings = Invalid { errors: warnings }.told(module).errors;
    let record = read::written(work, module, id).await?;
    Ok(Record { warnings, ..record })
}

/// Gives the warnings.
async fn change(
    work: &Work,
    module: &Module,
    id: RecordId,
    expected: Option<i32>,
    patch: Patch,
) -> Result<Vec<Fault>, Error> {
    let (current, permit) = locked::<Update>(work, module, id).await?;
    in_state(&current, expected, false)?;
    let version = current.version + 1;
    let held = Holding::of(module.whole(), current.stage, &current.data);
    let from = current.stage;
    let mut change = Change::update(work, module, id, current, patch);
    let module = module.whole();
    Box::pin(rules::apply(work, module, permit.reach(), slice::from_mut(&mut change))).await?;
    let values = Values::check(work, module, &mut change)?;

    let differences = change.differences(module, &values.data);
    if differences.is_empty() {
        return Ok(change.warnings);
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
    product::follow(work, module, &[(&change, &values.data, version)]).await?;
    effects::rekey(work, module, &change, &values).await?;
    let (before, stage) = (change.before.map(State::of), changed.stage);
    let after = State { live: true, stage, data: values.data };
    follow(work, vec![Moved { module: module.number, id, before, after }]).await?;
    Ok(change.warnings)
}

/// Moves a record to the trash.
pub async fn delete(work: &Work, module: &Module, id: RecordId, expected: Option<i32>) -> Result<(), Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, expected, false)?;
    rules::gate::may_delete(module, current.stage)?;
    let mut moved = departure::prepare(work, &permit, module, id).await?;
    let held: Vec<Holding> = Holding::of(module.whole(), current.stage, &current.data).into_iter().collect();
    let (now, version) = (work.clock.now(), current.version + 1);
    try_join4(
        store::set_deleted(&work.tx, &permit, id, Some(now), (work.actor.user, now)),
        effects::journal(work, module, Action::Deleted, (id, version), Map::new()),
        effects::announce(work, module, Kind::RecordDeleted, (id, version), Value::Null),
        stage::changed(work, module.whole(), &held, &[]),
    )
    .await?;
    unique::release(work, module, id).await?;
    let before = State::of(current);
    let after = State { live: false, ..before.clone() };
    moved.push(Moved { module: module.number, id, before: Some(before), after });
    follow(work, moved).await
}

/// Brings a record back from the trash.
pub async fn restore(work: &Work, module: &Module, id: RecordId) -> Result<Record, Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, None, true)?;
    let held: Vec<Holding> = Holding::of(module.whole(), current.stage, &current.data).into_iter().collect();
    let version = current.version + 1;
    try_join4(
        store::set_deleted(&work.tx, &permit, id, None, (work.actor.user, work.clock.now())),
        effects::journal(work, module, Action::Restored, (id, version), Map::new()),
        effects::announce(work, module, Kind::RecordRestored, (id, version), Value::Null),
        stage::changed(work, module.whole(), &[], &held),
    )
    .await
    .map_err(|error| refused(module.whole(), error).told(module))?;
    let keys = unique::keys(module.whole(), &current.data).into_iter().map(|key| (key, id));
    unique::claim(work, module.whole(), keys.collect()).await.map_err(|error| error.told(module))?;
    let mut moved = departure::bring_back(work, &permit, id).await?;
    let before = State::of(current);
    let after = State { live: true, ..before.clone() };
    moved.push(Moved { module: module.number, id, before: Some(before), after });
    follow(work, moved).await?;
    read::written(work, module, id).await
}

/// Brings up what follows from records that were written, all together: what one takes away from another counts once.
async fn follow(work: &Work, moved: Vec<Moved>) -> Result<(), Error> {
    Box::pin(derive::follow(Ground::of(work), moved)).await
}

/// The record, locked, with the permit to do `V` to it. What the actor may not read does not exist.
async fn locked<V: VerbType>(
    work: &Work,
    module: &Module,
    id: RecordId,
) -> Result<(Current, Permit<V>), Error> {
    let readable = work.actor.permit::<Read>(module.key())?;
    let current = store::lock(&work.tx, module.number, id).await?.ok_or(Error::NotFound)?;
    let owner = (id, current.owner);
    if !reach::covers(work, module, &readable, owner).await? {
        return Err(Error::NotFound);
    }
    let permit = work.actor.permit::<V>(module.key())?;
    match reach::covers(work, module, &permit, owner).await? {
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
