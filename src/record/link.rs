//! Relations and members: what a record points to, whether it exists, and what can be chosen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio_postgres::types::Json;

use super::error::Error;
use super::query::{self, CountMode, ListQuery, SortKey};
use super::{reach, read, sql, values};
use crate::db::DbError;
use crate::expr;
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
    choices_for(work, module, None, q, limit).await
}

/// As [`choices`], of those only that a relation's condition allows.
pub async fn choices_for(
    work: &Work,
    module: &Module,
    relation: Option<&StoredField>,
    q: &str,
    limit: usize,
) -> Result<Vec<Choice>, Error> {
    let by = if module.conceals_title() { SystemField::CreatedAt } else { SystemField::Title };
    let query = ListQuery {
        filters: relation.map(|stored| query::eligibility(work, stored, module)).unwrap_or_default(),
        q: Some(q.trim().to_owned()).filter(|q| !q.is_empty()),
        sort: vec![SortKey::system(by)],
        limit,
        count: CountMode::None,
        ..ListQuery::default()
    };
    let page = read::list(work, module, &query, None).await?;
    Ok(page.records.into_iter().map(|record| Choice { id: record.id, title: record.title }).collect())
}

/// The links that a record's data stands for: (field number, record).
pub(super) fn links(module: &Module, data: &Map<String, Value>) -> Vec<(i16, RecordId)> {
    let relations = module.fields.iter().filter(|stored| stored.link().is_some());
    let held = |stored: &StoredField| data.get(&stored.field.key).map(record_ids).unwrap_or_default();
    relations.flat_map(|stored| held(stored).into_iter().map(|id| (stored.number, id))).collect()
}

/// The numbers of those fields among `keys` that are relations.
pub(super) fn relation_numbers(module: &Module, keys: &[String]) -> Vec<i16> {
    let relations = module.fields.iter().filter(|stored| stored.link().is_some());
    relations.filter(|stored| keys.contains(&stored.field.key)).map(|stored| stored.number).collect()
}

/// The records that a stored value of a relation, one or many, points to.
pub(super) fn record_ids(value: &Value) -> Vec<RecordId> {
    let read = |value: &Value| value.as_str()?.parse().ok();
    match value {
        Value::Array(items) => items.iter().filter_map(read).collect(),
        one => read(one).into_iter().collect(),
    }
}

/// The record that a stored value of a relation to one points to.
pub(super) fn record_id(value: &Value) -> Option<RecordId> {
    value.as_str()?.parse().ok()
}

/// What remains of a relation's stored value without some records; null where nothing does.
pub(super) fn without(value: &Value, gone: &[RecordId]) -> Value {
    let stays = |item: &&Value| !record_ids(item).iter().any(|id| gone.contains(id));
    match value {
        Value::Array(items) => {
            let left: Vec<Value> = items.iter().filter(stays).cloned().collect();
            if left.is_empty() { Value::Null } else { left.into() }
        }
        one => Some(one).filter(stays).cloned().unwrap_or_default(),
    }
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

/// The module keys of those records, outside the trash, that the actor may read. They are kept from going until the
/// transaction ends, so that what is linked now is there when the link is.
pub(super) async fn linkable(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = work
        .tx
        .query(
            "select id, module, owner_id from records
             where tenant_id = $1 and id = any($2) and deleted_at is null order by id for key share",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    let readable = reach::readable(work, &rows).await?;
    Ok(readable.into_iter().map(|(id, module)| (id, module.key().to_owned())).collect())
}

/// Titles of records, as far as the actor may read them.
pub async fn titles(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
    Ok(faces(work, ids).await?.into_iter().map(|(id, face)| (id, face.title)).collect())
}

/// A related record as the one that points to it shows it.
#[derive(Clone, Debug)]
pub struct RelatedFace {
    /// Its module's key.
    pub module: String,
    /// Its title.
    pub title: String,
}

/// Modules and titles of records, as far as the actor may read them.
pub async fn faces(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, RelatedFace>, DbError> {
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
    let readable = reach::readable(work, &rows).await?;
    let mut titles: HashMap<RecordId, String> =
        rows.iter().map(|row| (row.get("id"), row.get("title"))).collect();
    for module in work.schema.modules().filter(|module| module.conceals_title()) {
        let own = readable.iter().filter(|(_, of)| of.number == module.number).map(|(id, _)| *id);
        titles.extend(partial_titles(work, module, &own.collect::<Vec<_>>()).await?);
    }
    let face = |(id, module): (RecordId, Arc<Module>)| {
        Some((id, RelatedFace { module: module.key().to_owned(), title: titles.remove(&id)? }))
    };
    Ok(readable.into_iter().filter_map(face).collect())
}

/// Titles made of what the actor may know, for records of a module whose titles tell of more.
async fn partial_titles(
    work: &Work,
    module: &Module,
    ids: &[RecordId],
) -> Result<HashMap<RecordId, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let planned = sql::told(work.tx.tenant(), module, ids);
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let title_of = |row: &tokio_postgres::Row| {
        let Json(data) = row.get::<_, Json<Map<String, Value>>>("data");
        (row.get("id"), module.title(&data, &env))
    };
    Ok(rows.iter().map(title_of).collect())
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
