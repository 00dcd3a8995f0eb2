//! The same thing done to many records, each by the ordinary write path behind a savepoint of its own: what is refused of
//! one is not refused of the others.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::error::{Error, Fault};
use super::query::ListQuery;
use super::write::{self, Input, Patch};
use super::{batch, read};
use crate::access::{Create, Delete, Update};
use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::work::Work;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// New records.
    Create,
    /// Values are changed.
    Update,
    /// Records go to the trash.
    Delete,
    /// Records come back from the trash.
    Restore,
    /// Records move to a stage.
    Stage,
    /// Records get another owner.
    Assign,
}

/// What is to be done to one record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Which record; none for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// The version that the caller has seen; any where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// Values by field key; in a change, null empties a field.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// A member's id; `Some(None)` leaves a record without an owner.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub owner: Option<Option<UserId>>,
    /// A pipeline's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// A stage's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Why it moves: the key of a lost reason, or a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<UserId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is to be done, and to which records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// What.
    pub action: Action,
    /// To these records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// To all readable records that this condition holds for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// What all items have in common; what an item says itself goes before.
    #[serde(default)]
    pub patch: Item,
    /// Whether new records may resemble others, where the rules only warn.
    #[serde(default)]
    pub allow_duplicates: bool,
    /// Records that came later than this are not meant by the condition.
    pub until: RecordId,
}

/// How far an order has been carried out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Place {
    /// So many items have been taken.
    pub taken: usize,
    /// The last record that the condition has been asked about.
    pub after: RecordId,
}

impl Default for Place {
    fn default() -> Self {
        Self { taken: 0, after: RecordId(uuid::Uuid::nil()) }
    }
}

/// A record that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub id: RecordId,
    /// Its version now; None for one in the trash.
    pub version: Option<i32>,
}

/// What became of one item, and which record it was about.
pub type ItemResult = (Option<RecordId>, Result<Written, Error>);

/// Refuses an order whose actor may do this to no record at all.
pub fn permit(work: &Work, module: &Module, action: Action) -> Result<(), Error> {
    match action {
        Action::Create => work.actor.permit::<Create>(module.key()).map(drop)?,
        Action::Update | Action::Stage | Action::Assign => {
            work.actor.permit::<Update>(module.key()).map(drop)?;
        }
        Action::Delete | Action::Restore => work.actor.permit::<Delete>(module.key()).map(drop)?,
    }
    Ok(())
}

/// The next items of an order, at most so many, and where it goes on after them.
pub async fn next(
    work: &Work,
    module: &Module,
    order: &Order,
    place: Place,
    limit: usize,
) -> Result<(Vec<Item>, Place), Error> {
    let Some(filter) = &order.filter else {
        let items: Vec<Item> = order.items.iter().skip(place.taken).take(limit).cloned().collect();
        let taken = place.taken + items.len();
        return Ok((
            items.into_iter().map(|item| common(item, &order.patch)).collect(),
            Place { taken, ..place },
        ));
    };
    let query = ListQuery::matching(work, module, filter, order.action == Action::Restore)?;
    let ids = read::matching(work, module, &query, (place.after, order.until), limit).await?;
    let place = Place { taken: place.taken + ids.len(), after: ids.last().copied().unwrap_or(place.after) };
    let item = |id| Item { id: Some(id), version: None, ..order.patch.clone() };
    Ok((ids.into_iter().map(item).collect(), place))
}

/// How many items an order has.
pub async fn total(work: &Work, module: &Module, order: &Order) -> Result<i64, Error> {
    let Some(filter) = &order.filter else { return Ok(order.items.len() as i64) };
    let query = ListQuery::matching(work, module, filter, order.action == Action::Restore)?;
    read::matches(work, module, &query).await
}

fn common(item: Item, patch: &Item) -> Item {
    let mut data = patch.data.clone();
    data.extend(item.data);
    Item {
        data,
        owner: item.owner.or(patch.owner),
        pipeline: item.pipeline.or_else(|| patch.pipeline.clone()),
        stage: item.stage.or_else(|| patch.stage.clone()),
        reason: item.reason.or_else(|| patch.reason.clone()),
        ..item
    }
}

/// Carries out an order on some of its items; what became of each, in their order. Records are locked in the order of
/// their ids, so that two orders never wait for each other. An error is one of the database that may pass: then nothing
/// may be committed.
pub async fn apply(
    work: &Work,
    module: &Module,
    order: &Order,
    items: Vec<Item>,
) -> Result<Vec<ItemResult>, Error> {
    if order.action == Action::Create {
        return create(work, module, items, order.allow_duplicates).await;
    }
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by_key(|place| items[*place].id);
    let mut results: Vec<Option<ItemResult>> = items.iter().map(|_| None).collect();
    for place in places {
        let item = items[place].clone();
        let id = item.id;
        let result = work.tx.attempt(Box::pin(change(work, module, order.action, item))).await;
        results[place] = Some((id, passing(result)?));
    }
    Ok(results.into_iter().flatten().collect())
}

/// Tells what is wrong with one record from what is wrong with the database.
fn passing<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(Error::Database(error)) if !is_of_values(&error) => Err(error.into()),
        result => Ok(result),
    }
}

/// Whether the database refused the values, and not the whole.
fn is_of_values(error: &DbError) -> bool {
    matches!(error, DbError::Constraint { .. } | DbError::BadValue(_))
}

async fn change(work: &Work, module: &Module, action: Action, item: Item) -> Result<Written, Error> {
    let id = item.id.ok_or_else(|| Fault::new("/id", "required", "Say which record."))?;
    let patch = match action {
        Action::Delete => {
            write::delete(work, module, id, item.version).await?;
            return Ok(Written { id, version: None });
        }
        Action::Restore => {
            let version = write::restore(work, module, id).await?.version;
            return Ok(Written { id, version: Some(version) });
        }
        Action::Stage => {
            let stage = item.stage.ok_or_else(|| Fault::new("/stage", "required", "Say which stage."))?;
            let (pipeline, reason) = (item.pipeline, item.reason);
            Patch { pipeline, stage: Some(stage), reason, data: item.data, ..Patch::default() }
        }
        Action::Assign => {
            let owner = item.owner.ok_or_else(|| Fault::new("/owner", "required", "Say who."))?;
            Patch { owner: Some(owner), ..Patch::default() }
        }
        Action::Update | Action::Create => {
            let Item { data, owner, pipeline, stage, reason, .. } = item;
            Patch { data, owner, pipeline, stage, reason }
        }
    };
    let version = write::update(work, module, id, item.version, patch).await?.version;
    Ok(Written { id, version: Some(version) })
}

/// All in one go; and one by one where only the database could refuse one of them.
async fn create(
    work: &Work,
    module: &Module,
    items: Vec<Item>,
    allow_duplicates: bool,
) -> Result<Vec<ItemResult>, Error> {
    let input = |item: Item| Input {
        data: item.data,
        owner: item.owner.flatten(),
        pipeline: item.pipeline,
        stage: item.stage,
        reason: item.reason,
        allow_duplicates,
    };
    let inputs: Vec<Input> = items.into_iter().map(input).collect();
    let together = work.tx.attempt(Box::pin(batch::create_many(work, module, inputs.clone()))).await;
    if let Ok(outcome) = passing(together)? {
        return Ok(outcome.into_iter().map(|result| created(result.map_err(Error::from))).collect());
    }
    let mut results = Vec::new();
    for input in inputs {
        let alone = work.tx.attempt(Box::pin(batch::create_many(work, module, vec![input]))).await;
        let alone = passing(alone)?.and_then(|mut outcome| match outcome.pop() {
            Some(result) => Ok(result?),
            None => Err(Error::NotFound),
        });
        results.push(created(alone));
    }
    Ok(results)
}

fn created(result: Result<RecordId, Error>) -> ItemResult {
    (result.as_ref().ok().copied(), result.map(|id| Written { id, version: Some(1) }))
}
