//! Records as callers get them: ids of people and related records joined with their names.

use std::collections::{HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};
use futures_util::future::try_join4;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::error::{Error, Fault};
use super::link::{self, RelatedFace};
use super::{reach, values};
use crate::access::{Delete, Update, VerbType};
use crate::db::DbError;
use crate::field::{FieldKind, Link};
use crate::id::{RecordId, UserId};
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// A record.
#[derive(Debug, Serialize)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its module's key.
    pub module: String,
    /// Its name, made from its data.
    pub title: String,
    /// Grows by one with every change.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: Option<Named<UserId>>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// By whom.
    pub updated_by: Option<Named<UserId>>,
    /// Who owns it.
    pub owner: Option<Named<UserId>>,
    /// The key of its pipeline, if its module has some.
    pub pipeline: Option<String>,
    /// The key of its stage, if its module has a pipeline.
    pub stage: Option<String>,
    /// When it came into the stage, if it has one.
    pub stage_entered_at: Option<DateTime<Utc>>,
    /// When it went to the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
    /// How it came in: `web`, `api`, `cli`, `import`, `template`.
    pub source: String,
    /// Values by field key. Relations are `{"id", "title"}` (with `"module"` where
    /// there are several to choose from), or a list of those; members `{"id", "name"}`.
    pub data: Box<RawValue>,
    /// What the actor may do to it.
    pub can: Can,
    /// What is worth saying of a write that was done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Fault>,
}

impl Record {
    /// The data as a tree, for pages.
    pub fn values(&self) -> Map<String, Value> {
        serde_json::from_str(self.data.get()).unwrap_or_default()
    }
}

/// An id with a name beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named<Id> {
    /// The id.
    pub id: Id,
    /// The name; None where there is none any more.
    pub name: Option<String>,
}

/// What the actor may do to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words are the verbs")]
pub struct Can {
    pub update: bool,
    pub delete: bool,
}

/// The columns that [`records`] reads, of `records r`, in the order of [`at`].
pub(super) const COLUMNS: &str = "r.id, r.version, r.owner_id, r.created_at, r.created_by, r.updated_at, r.updated_by, \
     r.stage, r.title, r.deleted_at, r.source, r.data, r.stage_entered_at";

/// Where each of [`COLUMNS`] stands: looking names up takes longer than reading the values.
mod at {
    pub(super) const ID: usize = 0;
    pub(super) const VERSION: usize = 1;
    pub(super) const OWNER: usize = 2;
    pub(super) const CREATED_AT: usize = 3;
    pub(super) const CREATED_BY: usize = 4;
    pub(super) const UPDATED_AT: usize = 5;
    pub(super) const UPDATED_BY: usize = 6;
    pub(super) const STAGE: usize = 7;
    pub(super) const TITLE: usize = 8;
    pub(super) const DELETED_AT: usize = 9;
    pub(super) const SOURCE: usize = 10;
    pub(super) const DATA: usize = 11;
    pub(super) const STAGE_ENTERED_AT: usize = 12;
}

/// JSONB as its text, never parsed into a tree.
struct RawJson<'a>(&'a str);

impl<'a> FromSql<'a> for RawJson<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        // One byte of version, then the text.
        Ok(Self(std::str::from_utf8(raw.get(1..).unwrap_or_default())?))
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }
}

/// Turns rows of [`COLUMNS`] into records, looking up names and titles once for all.
pub(super) async fn records(work: &Work, module: &Module, rows: &[Row]) -> Result<Vec<Record>, Error> {
    let rewriting = Rewriting::of(module);
    let data = rows.iter().map(|row| rewriting.parse(row)).collect::<Result<Vec<_>, Error>>()?;
    let mut people: Vec<UserId> = data.iter().flatten().flat_map(|data| rewriting.members(data)).collect();
    for row in rows {
        people.extend(
            [at::OWNER, at::CREATED_BY, at::UPDATED_BY]
                .into_iter()
                .filter_map(|at| row.get::<_, Option<UserId>>(at)),
        );
    }
    let mut related: Vec<RecordId> = data.iter().flatten().flat_map(|data| rewriting.related(data)).collect();
    dedup(&mut people);
    dedup(&mut related);
    let (titles, names, update, delete) = try_join4(
        link::faces(work, &related),
        link::names(work, &people),
        covered::<Update>(work, module, rows),
        covered::<Delete>(work, module, rows),
    )
    .await?;
    let context = Context { module, names: &names, update, delete };
    rows.iter()
        .zip(data)
        .map(|(row, data)| {
            let raw = match data {
                Some(data) => rewriting.write(data, &titles, &names)?,
                None => raw(row.get::<_, RawJson>(at::DATA).0)?,
            };
            let title = title(work, module, row)?;
            Ok(context.record(row, title, raw))
        })
        .collect()
}

/// Those of some rows to which the actor may do `V`.
async fn covered<V: VerbType>(
    work: &Work,
    module: &Module,
    rows: &[Row],
) -> Result<HashSet<RecordId>, DbError> {
    let Ok(permit) = work.actor.permit::<V>(module.key()) else { return Ok(HashSet::new()) };
    let records: Vec<_> = rows.iter().map(|row| (row.get(at::ID), row.get(at::OWNER))).collect();
    reach::covered(work, module, &permit, &records).await
}

/// A record's title, made of what the actor may know.
fn title(work: &Work, module: &Module, row: &Row) -> Result<String, Error> {
    if !module.conceals_title() {
        return Ok(row.get(at::TITLE));
    }
    let data: Map<String, Value> =
        serde_json::from_str(row.get::<_, RawJson>(at::DATA).0).map_err(|error| broken(&error))?;
    Ok(values::title(work, module, &data))
}

fn dedup<T: Ord>(items: &mut Vec<T>) {
    items.sort_unstable();
    items.dedup();
}

fn raw(text: &str) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text.to_owned()).map_err(|error| broken(&error))
}

pub(super) fn broken(error: &serde_json::Error) -> Error {
    tracing::error!(%error, "a stored record is not JSON");
    Error::Database(crate::db::DbError::Configuration("a stored record could not be read".into()))
}

/// What all records of an answer share.
struct Context<'a> {
    module: &'a Module,
    names: &'a HashMap<UserId, String>,
    update: HashSet<RecordId>,
    delete: HashSet<RecordId>,
}

impl Context<'_> {
    fn named(&self, id: Option<UserId>) -> Option<Named<UserId>> {
        id.map(|id| Named { id, name: self.names.get(&id).cloned() })
    }

    fn record(&self, row: &Row, title: String, data: Box<RawValue>) -> Record {
        let id = row.get(at::ID);
        let (pipeline, stage) = self.module.placed(row.get(at::STAGE)).unzip();
        Record {
            id,
            module: self.module.key().to_owned(),
            title,
            version: row.get(at::VERSION),
            created_at: row.get(at::CREATED_AT),
            created_by: self.named(row.get(at::CREATED_BY)),
            updated_at: row.get(at::UPDATED_AT),
            updated_by: self.named(row.get(at::UPDATED_BY)),
            owner: self.named(row.get(at::OWNER)),
            pipeline: pipeline.map(|pipeline| pipeline.key.clone()),
            stage: stage.map(|stage| stage.key.clone()),
            stage_entered_at: row.get(at::STAGE_ENTERED_AT),
            deleted_at: row.get(at::DELETED_AT),
            source: row.get(at::SOURCE),
            data,
            can: Can { update: self.update.contains(&id), delete: self.delete.contains(&id) },
            warnings: Vec::new(),
        }
    }
}

/// The entries of a stored object, each value as its text. Keys are field keys, which have no escapes.
#[derive(Default)]
struct Parsed<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Parsed<'a> {
    fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(own, _)| *own == key).map(|(_, value)| *value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parsed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(&'de str, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(32);
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Self)
    }
}

/// Which values of a module's records must be rewritten; where there are none, data passes as it is stored.
struct Rewriting<'a> {
    relations: Vec<(&'a str, Link<'a>)>,
    members: Vec<&'a str>,
    crews: Vec<&'a str>,
    module: &'a Module,
}

impl<'a> Rewriting<'a> {
    fn of(module: &'a Module) -> Self {
        let keys = |wanted: fn(&FieldKind) -> bool| {
            let fields = module.fields.iter().filter(move |stored| wanted(&stored.field.kind));
            fields.map(|stored| stored.field.key.as_str()).collect()
        };
        let relation = |stored: &'a StoredField| Some((stored.field.key.as_str(), stored.link()?));
        Self {
            relations: module.fields.iter().filter_map(relation).collect(),
            members: keys(|kind| matches!(kind, FieldKind::Member(_))),
            crews: keys(|kind| matches!(kind, FieldKind::Members(_))),
            module,
        }
    }

    fn parse<'r>(&self, row: &'r Row) -> Result<Option<Parsed<'r>>, Error> {
        let module = self.module;
        let unseen =
            [module.retired.as_slice(), module.hidden(), module.masked()].iter().all(|keys| keys.is_empty());
        let people = [&self.members, &self.crews];
        if self.relations.is_empty() && people.iter().all(|keys| keys.is_empty()) && unseen {
            return Ok(None);
        }
        serde_json::from_str(row.get::<_, RawJson<'r>>(at::DATA).0).map(Some).map_err(|error| broken(&error))
    }

    fn related(&self, data: &Parsed<'_>) -> Vec<RecordId> {
        let held = |(key, link): &(&str, Link<'_>)| data.get(key).map(|value| records_of(value, link));
        self.relations.iter().filter_map(held).flatten().collect()
    }

    fn members(&self, data: &Parsed<'_>) -> Vec<UserId> {
        let one = self.members.iter().filter_map(|key| id(data.get(key)?));
        one.chain(self.crews.iter().filter_map(|key| ids(data.get(key)?)).flatten()).collect()
    }

    /// What is shown of a value of which only a mask is shown.
    fn mask(&self, key: &str, value: &RawValue) -> Value {
        let value = serde_json::from_str(value.get()).unwrap_or_default();
        self.module.mask(key, &value)
    }

    fn write(
        &self,
        data: Parsed<'_>,
        titles: &HashMap<RecordId, RelatedFace>,
        names: &HashMap<UserId, String>,
    ) -> Result<Box<RawValue>, Error> {
        let is_named = |keys: &[String], key: &str| keys.iter().any(|own| own == key);
        let is_gone = |key: &str| is_named(&self.module.retired, key) || is_named(self.module.hidden(), key);
        let kept = data.0.into_iter().filter(|(key, _)| !is_gone(key));
        let faces = kept.map(|(key, value)| {
            let face = if let Some((_, link)) = self.relations.iter().find(|(own, _)| *own == key) {
                related_face(value, link, titles)
            } else if self.members.contains(&key)
                && let Some(id) = id(value)
            {
                Face::Member { id, name: names.get(&id) }
            } else if is_named(self.module.masked(), key) {
                Face::Masked(self.mask(key, value))
            } else if self.crews.contains(&key)
                && let Some(ids) = ids(value)
            {
                Face::Crew(ids.into_iter().map(|id| Face::Member { id, name: names.get(&id) }).collect())
            } else {
                Face::Stored(value)
            };
            (key, face)
        });
        to_raw_value(&Object(faces.collect())).map_err(|error| broken(&error))
    }
}

/// An object in the order of its entries.
struct Object<'v>(Vec<(&'v str, Face<'v>)>);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, face)| (key, face)))
    }
}

/// A value as callers get it.
#[derive(Serialize)]
#[serde(untagged)]
enum Face<'v> {
    Stored(&'v RawValue),
    Masked(Value),
    Related(Related<'v>),
    Many(Vec<Related<'v>>),
    Member { id: UserId, name: Option<&'v String> },
    Crew(Vec<Self>),
}

/// The ids of a stored list.
fn ids(value: &RawValue) -> Option<Vec<UserId>> {
    serde_json::from_str(value.get()).ok()
}

/// A related record; neither title nor module where the actor may not read it.
#[derive(Serialize)]
struct Related<'v> {
    id: RecordId,
    title: Option<&'v String>,
    /// Only where records of several modules may stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<Option<&'v String>>,
}

fn related_face<'v>(
    value: &'v RawValue,
    link: &Link<'_>,
    titles: &'v HashMap<RecordId, RelatedFace>,
) -> Face<'v> {
    let face = |id: RecordId| {
        let known = titles.get(&id);
        let module = link.is_mixed().then(|| known.map(|face| &face.module));
        Related { id, title: known.map(|face| &face.title), module }
    };
    match (link.many, records_of(value, link).as_slice()) {
        (false, [id]) => Face::Related(face(*id)),
        (false, _) => Face::Stored(value),
        (true, ids) => Face::Many(ids.iter().copied().map(face).collect()),
    }
}

/// The records that a stored value points to.
fn records_of(value: &RawValue, link: &Link<'_>) -> Vec<RecordId> {
    match link.many {
        true => serde_json::from_str(value.get()).unwrap_or_default(),
        false => id(value).into_iter().collect(),
    }
}

/// An id out of a stored JSON string.
fn id<T: std::str::FromStr>(value: &RawValue) -> Option<T> {
    value.get().trim_matches('"').parse().ok()
}
