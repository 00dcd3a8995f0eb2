//! Creating records, one or many: the questions to the database and the statements are asked once for all.

use futures_util::future::{try_join, try_join5};
use serde_json::Value;

use super::change::Change;
use super::derive::{self, Ground, Moved, State};
use super::error::{Error, Fault, Invalid};
use super::rules::{self, formula};
use super::stage::{self, Holding};
use super::store::{self, NewRecord};
use super::values::Values;
use super::write::{self, Input};
use super::{effects, file, link, number, product};
use crate::access::{Create, Permit};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::event::{self, Event, Kind};
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::{Channel, Work};

/// For each input, in order, the record or its faults.
pub type Outcome = Vec<Result<RecordId, Invalid>>;

/// A record that was created, and what is worth saying of it.
pub(super) struct Created {
    pub(super) id: RecordId,
    pub(super) warnings: Vec<Fault>,
}

/// A record that passed every check and is about to be written.
struct Sound {
    change: Change,
    values: Values,
}

/// Creates those of some records that have no fault; of the others nothing is written, and their faults are given in
/// their place. What only the database can refuse (a unique value that is taken) fails the whole call, after which the
/// transaction can only be rolled back, or [`crate::db::TenantTx::attempt`] takes it back.
pub async fn create_many(work: &Work, module: &Module, inputs: Vec<Input>) -> Result<Outcome, Error> {
    let created = create_all(work, module, inputs).await?;
    Ok(created.into_iter().map(|created| created.map(|created| created.id)).collect())
}

/// [`create_many`] with the warnings.
pub(super) async fn create_all(
    work: &Work,
    module: &Module,
    inputs: Vec<Input>,
) -> Result<Vec<Result<Created, Invalid>>, Error> {
    // Boxed, as are the other long ways: the machine of all steps together is too big for a thread's stack.
    let outcome = Box::pin(write_checked(work, module, inputs)).await.map_err(|error| error.told(module))?;
    Ok(outcome.into_iter().map(|result| result.map_err(|invalid| invalid.told(module))).collect())
}

async fn write_checked(
    work: &Work,
    module: &Module,
    inputs: Vec<Input>,
) -> Result<Vec<Result<Created, Invalid>>, Error> {
    let permit = work.actor.permit::<Create>(module.key())?;
    let mut changes: Vec<Change> =
        inputs.into_iter().map(|input| Change::create(work, module, input)).collect::<Result<_, _>>()?;
    let module = module.whole();
    Box::pin(rules::apply(work, module, permit.reach(), &mut changes)).await?;
    let (mut sound, outcome) = sift(work, module, changes)?;
    assign_numbers(work, module, &mut sound).await?;
    Box::pin(write_all(work, module, &permit, &sound))
        .await
        .map_err(|error| write::refused(module, error))?;
    let records: Vec<_> = sound.iter().map(|record| (record.change.id, &record.values.data)).collect();
    effects::key(work, module, &records).await?;
    let moved = sound.into_iter().map(|record| moved(module, record)).collect();
    Box::pin(derive::follow(Ground::of(work), moved)).await?;
    Ok(outcome)
}

type Sifted = (Vec<Sound>, Vec<Result<Created, Invalid>>);

/// Tells sound records from those with faults, before any number is taken: a refused record leaves no hole in a series.
fn sift(work: &Work, module: &Module, changes: Vec<Change>) -> Result<Sifted, Error> {
    let mut sound = Vec::new();
    let mut outcome = Vec::new();
    for mut change in changes {
        match Values::check(work, module, &mut change) {
            Ok(values) => {
                let warnings = std::mem::take(&mut change.warnings);
                outcome.push(Ok(Created { id: change.id, warnings }));
                sound.push(Sound { change, values });
            }
            Err(Error::Invalid(invalid)) => outcome.push(Err(invalid)),
            Err(error) => return Err(error),
        }
    }
    Ok((sound, outcome))
}

/// Gives sound records their automatic numbers, which may stand in their titles.
async fn assign_numbers(work: &Work, module: &Module, sound: &mut [Sound]) -> Result<(), Error> {
    if !module.fields.iter().any(|stored| stored.field.kind.is_assigned()) {
        return Ok(());
    }
    number::assign(work, module, sound.iter_mut().map(|record| &mut record.values.data)).await?;
    for record in sound {
        record.change.data = std::mem::take(&mut record.values.data);
        let (stage, locale) = (record.change.stage, &work.workspace.locale);
        formula::compute(module, locale, stage, &mut record.change.data);
        record.values = Values::check(work, module, &mut record.change)?;
    }
    Ok(())
}

async fn write_all(
    work: &Work,
    module: &Module,
    permit: &Permit<Create>,
    sound: &[Sound],
) -> Result<(), DbError> {
    if sound.is_empty() {
        return Ok(());
    }
    let records: Vec<NewRecord<'_>> = sound.iter().map(|record| new_record(work, module, record)).collect();
    let links: Vec<_> = sound.iter().flat_map(|record| outgoing(module, record)).collect();
    let entries: Vec<NewEntry> = sound.iter().map(|record| entry(module, record)).collect();
    let events: Vec<Event> = sound.iter().map(|record| created(module, record)).collect();
    let files: Vec<_> =
        sound.iter().flat_map(|new| file::links(module.whole(), new.change.id, &new.values.data)).collect();
    try_join5(
        insert(work, permit, &records),
        try_join(store::link_all(&work.tx, &links), file::link_all(work, &files)),
        audit::append_all(work, &entries),
        event::publish_all(work, if work.channel == Channel::Template { &[] } else { &events }),
        start(work, module, sound),
    )
    .await?;
    let written: Vec<_> = sound.iter().map(|record| (&record.change, &record.values.data, 1)).collect();
    product::follow(work, module, &written).await
}

/// The stages in which the records start.
async fn start(work: &Work, module: &Module, sound: &[Sound]) -> Result<(), DbError> {
    if module.pipelines.is_empty() {
        return Ok(());
    }
    let stays: Vec<(RecordId, i16, Option<&str>)> = sound
        .iter()
        .map(|record| (record.change.id, record.change.stage, record.change.reason.as_deref()))
        .collect();
    let held =
        sound.iter().filter_map(|record| Holding::of(module, record.change.stage, &record.values.data));
    let held: Vec<Holding> = held.collect();
    try_join(stage::entered(work, module, &stays), stage::changed(&work.tx, module, &[], &held)).await?;
    Ok(())
}

/// A single record has a statement of its own, which PostgreSQL plans and runs in less time.
async fn insert(work: &Work, permit: &Permit<Create>, records: &[NewRecord<'_>]) -> Result<(), DbError> {
    match records {
        [record] => store::insert(&work.tx, permit, record).await,
        records => store::insert_all(&work.tx, permit, records).await,
    }
}

fn new_record<'s>(work: &Work, module: &Module, record: &'s Sound) -> NewRecord<'s> {
    NewRecord {
        id: record.change.id,
        module: module.number,
        stage: record.change.stage,
        owner: record.change.owner,
        by: work.actor.user,
        at: work.clock.now(),
        source: work.channel.word(),
        values: &record.values,
    }
}

fn outgoing(module: &Module, record: &Sound) -> Vec<(RecordId, i16, RecordId)> {
    let links = link::links(module, &record.values.data);
    links.into_iter().map(|(field, to)| (record.change.id, field, to)).collect()
}

fn entry(module: &Module, record: &Sound) -> NewEntry {
    NewEntry {
        action: Action::Created,
        module: Some(module.number),
        record: Some(record.change.id),
        version: Some(1),
        changes: record.change.differences(module, &record.values.data),
    }
}

fn moved(module: &Module, record: Sound) -> Moved {
    let after = State { live: true, stage: record.change.stage, data: record.values.data };
    Moved { module: module.number, id: record.change.id, before: None, after }
}

fn created(module: &Module, record: &Sound) -> Event {
    let (kind, payload) = (Kind::RecordCreated, Value::Null);
    Event { kind, module: module.number, record: record.change.id, version: 1, payload }
}
