//! The write path, read top to bottom: permit → values → relations → statement → links → audit → event.

use futures_util::future::{try_join, try_join4};
use serde_json::{Map, Value, json};

use super::error::{Error, Fault, pointer};
use super::link;
use super::output::Record;
use super::read;
use super::store::{self, Changed, Current, NewRecord};
use super::values::{self, Values};
use crate::access::{Create, Delete, Denied, Permit, Reach, Read, Update, VerbType};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::event::{self, Event, Kind};
use crate::field::FieldKind;
use crate::id::{RecordId, UserId};
use crate::schema::{Module, Slot};
use crate::work::{Channel, Work};

/// What a caller gives for a new record.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Values by field key, in the API's JSON form.
    pub data: Map<String, Value>,
    /// Who owns it; the actor where nobody is named.
    pub owner: Option<UserId>,
    /// A stage's key; the first stage where none is named.
    pub stage: Option<String>,
}

/// What a caller wants changed: JSON Merge Patch (RFC 7396) of the data, and what else is given.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Values by field key; null empties a field, what is not named stays.
    pub data: Map<String, Value>,
    /// `Some(None)` leaves the record without an owner.
    pub owner: Option<Option<UserId>>,
    /// A stage's key.
    pub stage: Option<String>,
}

/// Creates a record. Faults are all told at once; nothing is written when there is one.
pub async fn create(work: &Work, module: &Module, input: Input) -> Result<Record, Error> {
    let permit = work.actor.permit::<Create>(module.key())?;
    let Draft { mut data, stage, owner, mut faults } = draft(work, module, input)?;
    check_owner(work, permit.reach(), owner, &mut faults).await?;
    link::check(work, module, &data, &mut faults).await?;
    let id = RecordId::new();
    if faults.is_empty() {
        number(work, module, [&mut data]).await?;
    }
    let values = Values::check(work, module, data, faults)?;
    let record = NewRecord {
        id,
        module: module.number,
        stage,
        owner,
        by: work.actor.user,
        at: work.clock.now(),
        source: work.channel.word(),
        values: &values,
    };
    let changes = link::changes(&Map::new(), &values.data);
    try_join4(
        store::insert(&work.tx, &permit, &record),
        store::link(&work.tx, id, &link::links(module, &values.data)),
        journal(work, module, Action::Created, (id, 1), changes),
        announce(work, module, Kind::RecordCreated, (id, 1), Value::Null),
    )
    .await
    .map_err(|error| refused(module, error))?;
    read::written(work, module, id).await
}

/// A new record on its way through the checks.
pub(super) struct Draft {
    pub(super) data: Map<String, Value>,
    pub(super) stage: i16,
    pub(super) owner: Option<UserId>,
    pub(super) faults: Vec<Fault>,
}

/// What can be said of a new record without asking the database.
pub(super) fn draft(work: &Work, module: &Module, input: Input) -> Result<Draft, Error> {
    let mut faults = Vec::new();
    let mut data = values::normalise(module, input.data, &work.workspace.locale, &mut faults);
    values::fill_defaults(work, module, &mut data)?;
    let stage = stage_number(module, input.stage.as_deref(), &mut faults);
    let owner = Some(input.owner.unwrap_or(work.actor.user));
    Ok(Draft { data, stage: stage.unwrap_or(first_stage(module)), owner, faults })
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

    let mut faults = Vec::new();
    let locale = &work.workspace.locale;
    let given = values::normalise(module, new_values(module, &current, patch.data), locale, &mut faults);
    let stage = stage_number(module, patch.stage.as_deref(), &mut faults).unwrap_or(current.stage);
    let owner = patch.owner.unwrap_or(current.owner);
    if owner != current.owner {
        check_owner(work, permit.reach(), owner, &mut faults).await?;
    }
    link::check(work, module, &given, &mut faults).await?;
    let mut data = live(module, &current.data);
    data.extend(given);
    let values = Values::check(work, module, data, faults)?;

    let changes = differences(module, &current, &values, stage, owner);
    if changes.is_empty() {
        return read::written(work, module, id).await;
    }
    let (version, by, at) = (current.version + 1, work.actor.user, work.clock.now());
    let changed = Changed { id, stage, owner, by, at, values: &values };
    let keys: Vec<String> = changes.keys().cloned().collect();
    try_join4(
        store::update(&work.tx, &permit, &changed),
        relink(work, module, &changed, &keys),
        journal(work, module, Action::Updated, (id, version), changes),
        announce(work, module, Kind::RecordUpdated, (id, version), json!(keys)),
    )
    .await
    .map_err(|error| refused(module, error))?;
    read::written(work, module, id).await
}

/// Moves a record to the trash.
pub async fn delete(work: &Work, module: &Module, id: RecordId, expected: Option<i32>) -> Result<(), Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, expected, false)?;
    let (now, version) = (work.clock.now(), current.version + 1);
    try_join4(
        store::set_deleted(&work.tx, &permit, id, Some(now), (work.actor.user, now)),
        async { Ok(()) },
        journal(work, module, Action::Deleted, (id, version), Map::new()),
        announce(work, module, Kind::RecordDeleted, (id, version), Value::Null),
    )
    .await?;
    Ok(())
}

/// Brings a record back from the trash.
pub async fn restore(work: &Work, module: &Module, id: RecordId) -> Result<Record, Error> {
    let (current, permit) = locked::<Delete>(work, module, id).await?;
    in_state(&current, None, true)?;
    let version = current.version + 1;
    try_join4(
        store::set_deleted(&work.tx, &permit, id, None, (work.actor.user, work.clock.now())),
        async { Ok(()) },
        journal(work, module, Action::Restored, (id, version), Map::new()),
        announce(work, module, Kind::RecordRestored, (id, version), Value::Null),
    )
    .await
    .map_err(|error| refused(module, error))?;
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

/// What of a patch is not as it is already: a value that is sent back as it was read is not judged anew, so that it
/// may be a number that the engine gave, an option that is retired, a record that lies in the trash.
fn new_values(module: &Module, current: &Current, given: Map<String, Value>) -> Map<String, Value> {
    let given = given.into_iter().map(|(key, value)| match module.field(&key) {
        Some(stored) => (key, values::plain(stored, value)),
        None => (key, value),
    });
    let is_new = |(key, value): &(String, Value)| {
        module.field(key).is_none() || current.data.get(key).unwrap_or(&Value::Null) != value
    };
    given.filter(is_new).collect()
}

/// What an update changes, as history keeps it.
fn differences(
    module: &Module,
    current: &Current,
    values: &Values,
    stage: i16,
    owner: Option<UserId>,
) -> Map<String, Value> {
    let mut changes = link::changes(&live(module, &current.data), &values.data);
    if stage != current.stage {
        let key = |number| module.stage_numbered(number).map(|stage| stage.key.clone());
        changes.insert("stage".into(), json!({"from": key(current.stage), "to": key(stage)}));
    }
    if owner != current.owner {
        changes.insert("owner".into(), json!({"from": current.owner, "to": owner}));
    }
    changes
}

/// The data without what belongs to retired fields.
fn live(module: &Module, data: &Map<String, Value>) -> Map<String, Value> {
    let mut data = data.clone();
    data.retain(|key, _| module.field(key).is_some());
    data
}

fn first_stage(module: &Module) -> i16 {
    module.pipeline.as_ref().and_then(|pipeline| pipeline.stages.first()).map_or(0, |stage| stage.number)
}

fn stage_number(module: &Module, key: Option<&str>, faults: &mut Vec<Fault>) -> Option<i16> {
    let key = key?;
    let stage = module.stage(key).map(|stage| stage.number);
    if stage.is_none() {
        let stages =
            module.pipeline.iter().flat_map(|pipeline| &pipeline.stages).map(|stage| stage.key.as_str());
        let known = stages.collect::<Vec<_>>().join(", ");
        let message = match known.is_empty() {
            true => "Records of this module have no stages.".to_owned(),
            false => format!("Choose one of: {known}."),
        };
        faults.push(Fault::new("/stage", "option", message));
    }
    stage
}

/// Only who reaches all records may give one to somebody else, and only to an active member.
pub(super) async fn check_owner(
    work: &Work,
    reach: Reach,
    owner: Option<UserId>,
    faults: &mut Vec<Fault>,
) -> Result<(), DbError> {
    let others = owner != Some(work.actor.user);
    if others && matches!(reach, Reach::Own(_)) {
        faults.push(Fault::new("/owner", "denied", "Your role may not give records to others."));
    } else if let (true, Some(owner)) = (others, owner)
        && !link::is_member(work, owner).await?
    {
        faults.push(Fault::new("/owner", "member", "Choose an active member of the workspace."));
    }
    Ok(())
}

/// Gives every auto_number field of new records its next numbers.
pub(super) async fn number<'d>(
    work: &Work,
    module: &Module,
    records: impl IntoIterator<Item = &'d mut Map<String, Value>>,
) -> Result<(), DbError> {
    let mut records: Vec<_> = records.into_iter().collect();
    let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
    for stored in &module.fields {
        if let FieldKind::AutoNumber(series) = &stored.field.kind
            && count > 0
        {
            let today = work.clock.now().with_timezone(&work.workspace.locale.timezone).date_naive();
            let key = format!("{}/{}", stored.id, series.series(today));
            let first = store::take_numbers(&work.tx, &key, count).await?;
            for (number, data) in (first..).zip(&mut records) {
                let text = series.render(number.unsigned_abs(), today);
                data.insert(stored.field.key.clone(), Value::String(text));
            }
        }
    }
    Ok(())
}

/// Renews the links of the relations among the changed fields.
async fn relink(work: &Work, module: &Module, changed: &Changed<'_>, keys: &[String]) -> Result<(), DbError> {
    let relations = link::relation_numbers(module, keys);
    let mut links = link::links(module, &changed.values.data);
    links.retain(|(field, _)| relations.contains(field));
    try_join(store::unlink(&work.tx, changed.id, &relations), store::link(&work.tx, changed.id, &links))
        .await?;
    Ok(())
}

async fn journal(
    work: &Work,
    module: &Module,
    action: Action,
    (id, version): (RecordId, i32),
    changes: Map<String, Value>,
) -> Result<(), DbError> {
    let entry =
        NewEntry { action, module: Some(module.number), record: Some(id), version: Some(version), changes };
    audit::append(work, &entry).await
}

async fn announce(
    work: &Work,
    module: &Module,
    kind: Kind,
    (id, version): (RecordId, i32),
    payload: Value,
) -> Result<(), DbError> {
    if work.channel == Channel::Template {
        return Ok(());
    }
    event::publish(work, &Event { kind, module: module.number, record: id, version, payload }).await
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
