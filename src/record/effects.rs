//! What follows from a write, in its transaction: links, the audit log, the event.

use futures_util::future::try_join;
use serde_json::{Map, Value};

use super::change::Change;
use super::error::Error;
use super::stage::{self, Holding};
use super::store;
use super::values::Values;
use super::{duplicate, file, link, unique};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::event::{self, Event, Kind};
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::{Channel, Work};

/// Renews the links of the relations and files among the changed fields.
pub(super) async fn relink(
    work: &Work,
    module: &Module,
    id: RecordId,
    values: &Values,
    keys: &[String],
) -> Result<(), DbError> {
    let relations = link::relation_numbers(module, keys);
    let mut links = link::links(module, &values.data);
    links.retain(|(field, _)| relations.contains(field));
    try_join(store::unlink(&work.tx, id, &relations), store::link(&work.tx, id, &links)).await?;
    file::relink(work, module.whole(), id, &values.data, keys).await?;
    Ok(())
}

/// Renews the keys by which others find a changed record, and those that it has to itself.
pub(super) async fn rekey(
    work: &Work,
    module: &Module,
    change: &Change,
    values: &Values,
) -> Result<(), Error> {
    let Some(before) = &change.before else { return Ok(()) };
    duplicate::renew(work, module, change.id, (&before.data, &values.data)).await?;
    unique::renew(work, module, change.id, (&before.data, &values.data)).await
}

/// Takes the keys of new records.
pub(super) async fn key(
    work: &Work,
    module: &Module,
    records: &[(RecordId, &Map<String, Value>)],
) -> Result<(), Error> {
    duplicate::keep(work, module, records.iter().copied()).await?;
    let own =
        records.iter().flat_map(|(id, data)| unique::keys(module, data).into_iter().map(|key| (key, *id)));
    unique::claim(work, module, own.collect()).await
}

/// Writes down what was done to a record.
pub(super) async fn journal(
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

/// Tells the outbox; a template's own records are no news.
pub(super) async fn announce(
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

/// Keeps the way of a record through its stages, and what the stages hold.
pub(super) async fn progress(
    work: &Work,
    module: &Module,
    change: &Change,
    (from, held): (i16, Option<Holding>),
    data: &Map<String, Value>,
) -> Result<(), DbError> {
    if module.pipelines.is_empty() {
        return Ok(());
    }
    let holds = Holding::of(module, change.stage, data);
    if change.stage != from {
        stage::moved(work, module, &[(change.id, change.stage, change.reason.as_deref())]).await?;
    }
    if held == holds {
        return Ok(());
    }
    let (before, after): (Vec<_>, Vec<_>) = (held.into_iter().collect(), holds.into_iter().collect());
    stage::changed(&work.tx, module, &before, &after).await
}
