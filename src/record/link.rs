//! Relations and members: what a record points to, whether it exists, and what can be chosen.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::{Error, Fault, pointer};
use super::query::{CountMode, ListQuery, SortKey};
use super::read;
use crate::access::Read;
use crate::db::DbError;
use crate::field::FieldKind;
use crate::id::{RecordId, UserId};
use crate::schema::{Module, SystemField};
use crate::work::Work;

/// A record that can be chosen in a relation field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its id.
    pub id: RecordId,
    /// Its title.
    pub title: String,
}

/// Records of a module whose text matches `q` (all where it is blank), by title, as far as the actor may read them.
pub async fn choices(work: &Work, module: &Module, q: &str, limit: usize) -> Result<Vec<Choice>, Error> {
    let query = ListQuery {
        q: Some(q.trim().to_owned()).filter(|q| !q.is_empty()),
        sort: vec![SortKey::system(SystemField::Title)],
        limit,
        count: CountMode::None,
        ..ListQuery::default()
    };
    let page = read::list(work, module, &query, None).await?;
    Ok(page.records.into_iter().map(|record| Choice { id: record.id, title: record.title }).collect())
}

/// The links that a record's data stands for: (field number, record).
pub(super) fn links(module: &Module, data: &Map<String, Value>) -> Vec<(i16, RecordId)> {
    let relations = module.fields.iter().filter(|stored| stored.target().is_some());
    relations.filter_map(|stored| Some((stored.number, record_id(data.get(&stored.field.key)?)?))).collect()
}

/// The numbers of those fields among `keys` that are relations.
pub(super) fn relation_numbers(module: &Module, keys: &[String]) -> Vec<i16> {
    let relations = module.fields.iter().filter(|stored| stored.target().is_some());
    relations.filter(|stored| keys.contains(&stored.field.key)).map(|stored| stored.number).collect()
}

pub(super) fn record_id(value: &Value) -> Option<RecordId> {
    value.as_str()?.parse().ok()
}

/// What differs between two states of a record's data, as history keeps it.
pub(super) fn changes(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let keys: HashSet<&String> = from.keys().chain(to.keys()).collect();
    let side = |map: &Map<String, Value>, key: &String| map.get(key).cloned().unwrap_or(Value::Null);
    let changed = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
    changed.map(|key| (key.clone(), json!({"from": side(from, key), "to": side(to, key)}))).collect()
}

/// What of the records and people that some data point to is there for the actor.
pub(super) struct Known {
    /// Module keys of readable records.
    records: HashMap<RecordId, String>,
    /// Active members.
    members: HashSet<UserId>,
}

impl Known {
    /// Looks up what all of `data` point to, at once.
    pub(super) async fn of<'d>(
        work: &Work,
        module: &Module,
        data: impl Iterator<Item = &'d Map<String, Value>> + Clone,
    ) -> Result<Self, DbError> {
        let mut records: Vec<RecordId> =
            data.clone().flat_map(|data| links(module, data)).map(|(_, id)| id).collect();
        let mut members: Vec<UserId> =
            data.flat_map(|data| member_fields(module).filter_map(|key| user_id(data.get(key)?))).collect();
        records.sort_unstable();
        records.dedup();
        members.sort_unstable();
        members.dedup();
        let (records, members) = try_join(readable(work, &records), active_members(work, &members)).await?;
        Ok(Self { records, members })
    }

    /// Adds a fault for every relation to a record, and every member, that does not exist for the actor.
    pub(super) fn check(
        &self,
        work: &Work,
        module: &Module,
        data: &Map<String, Value>,
        faults: &mut Vec<Fault>,
    ) {
        for stored in &module.fields {
            let Some(target) = stored.target() else { continue };
            let Some(id) = data.get(&stored.field.key).and_then(record_id) else { continue };
            if self.records.get(&id).map(String::as_str) != Some(target) {
                let one = work.schema.module(target).map_or(target, |module| &module.definition.label.one);
                let message = format!("There is no such {}.", one.to_lowercase());
                faults.push(Fault::new(pointer(&stored.field.key), "relation", message));
            }
        }
        for key in member_fields(module) {
            if data.get(key).and_then(user_id).is_some_and(|user| !self.members.contains(&user)) {
                let message = "Choose an active member of the workspace.";
                faults.push(Fault::new(pointer(key), "member", message));
            }
        }
    }
}

fn member_fields(module: &Module) -> impl Iterator<Item = &str> {
    let members = module.fields.iter().filter(|stored| matches!(stored.field.kind, FieldKind::Member(_)));
    members.map(|stored| stored.field.key.as_str())
}

fn user_id(value: &Value) -> Option<UserId> {
    value.as_str()?.parse().ok()
}

/// Adds a fault for every relation to a record, and every member, that does not exist for the actor.
pub(super) async fn check(
    work: &Work,
    module: &Module,
    data: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) -> Result<(), DbError> {
    let known = Known::of(work, module, std::iter::once(data)).await?;
    known.check(work, module, data, faults);
    Ok(())
}

/// The module keys of those records, outside the trash, that the actor may read.
async fn readable(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = work
        .tx
        .query(
            "select id, module, owner_id from records
             where tenant_id = $1 and id = any($2) and deleted_at is null",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    let module_of = |row: &tokio_postgres::Row| {
        let module = work.schema.by_number(row.get("module"))?;
        let permit = work.actor.permit::<Read>(module.key()).ok()?;
        permit.covers(row.get("owner_id")).then(|| (row.get("id"), module.key().to_owned()))
    };
    Ok(rows.iter().filter_map(module_of).collect())
}

/// Titles of records, as far as the actor may read them.
pub async fn titles(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = work
        .tx
        .query(
            "select id, module, owner_id, title from records where tenant_id = $1 and id = any($2)",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    let title_of = |row: &tokio_postgres::Row| {
        let module = work.schema.by_number(row.get("module"))?;
        let permit = work.actor.permit::<Read>(module.key()).ok()?;
        permit.covers(row.get("owner_id")).then(|| (row.get("id"), row.get("title")))
    };
    Ok(rows.iter().filter_map(title_of).collect())
}

/// Names of members, also of those who have left.
pub async fn names(work: &Work, ids: &[UserId]) -> Result<HashMap<UserId, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = work
        .tx
        .query(
            "select user_id, name from memberships where tenant_id = $1 and user_id = any($2)",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Whether somebody is an active member of the tenant.
pub(super) async fn is_member(work: &Work, user: UserId) -> Result<bool, DbError> {
    Ok(!active_members(work, &[user]).await?.is_empty())
}

/// Those of some people who are active members of the tenant.
async fn active_members(work: &Work, users: &[UserId]) -> Result<HashSet<UserId>, DbError> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = work
        .tx
        .query(
            "select user_id from memberships where tenant_id = $1 and user_id = any($2) and active",
            &[&work.tx.tenant(), &users],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
