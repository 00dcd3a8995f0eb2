//! Relations and members: what a record points to, whether it exists, and what can be chosen.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::error::Error;
use super::query::{CountMode, ListQuery, SortKey};
use super::read;
use crate::access::Read;
use crate::db::DbError;
use crate::field::FieldKind;
use crate::id::{RecordId, UserId};
use crate::schema::{Module, StoredField, SystemField};
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

/// The people that a field's value names; none for fields of other types.
pub(super) fn people(stored: &StoredField, value: &Value) -> Vec<UserId> {
    match &stored.field.kind {
        FieldKind::Member(_) => user_id(value).into_iter().collect(),
        FieldKind::Members(_) => value.as_array().into_iter().flatten().filter_map(user_id).collect(),
        _ => Vec::new(),
    }
}

fn user_id(value: &Value) -> Option<UserId> {
    value.as_str()?.parse().ok()
}

/// The module keys of those records, outside the trash, that the actor may read.
pub(super) async fn readable(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
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

/// Those of some people who are active members of the tenant.
pub(super) async fn active_members(work: &Work, users: &[UserId]) -> Result<HashSet<UserId>, DbError> {
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
