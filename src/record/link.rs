//! Relations and members: what a record points to, whether it exists, and what can be chosen.

use std::collections::{HashMap, HashSet};

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

/// Adds a fault for every relation to a record, and every member, that does not exist for the actor.
pub(super) async fn check(
    work: &Work,
    module: &Module,
    data: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) -> Result<(), DbError> {
    let given = |key: &str| data.get(key).filter(|value| !value.is_null());
    let relations: Vec<_> = module
        .fields
        .iter()
        .filter_map(|stored| Some((stored, stored.target()?, record_id(given(&stored.field.key)?)?)))
        .collect();
    if !relations.is_empty() {
        let ids: Vec<RecordId> = relations.iter().map(|(_, _, id)| *id).collect();
        let known = readable(work, &ids).await?;
        for (stored, target, id) in relations {
            if known.get(&id).map(String::as_str) != Some(target) {
                let one = work.schema.module(target).map_or(target, |module| &module.definition.label.one);
                let message = format!("There is no such {}.", one.to_lowercase());
                faults.push(Fault::new(pointer(&stored.field.key), "relation", message));
            }
        }
    }
    for stored in module.fields.iter().filter(|stored| matches!(stored.field.kind, FieldKind::Member(_))) {
        let user = given(&stored.field.key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        if let Some(user) = user
            && !is_member(work, user).await?
        {
            let message = "Choose an active member of the workspace.";
            faults.push(Fault::new(pointer(&stored.field.key), "member", message));
        }
    }
    Ok(())
}

/// The module keys of those records, outside the trash, that the actor may read.
async fn readable(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
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
pub(super) async fn titles(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, String>, DbError> {
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
pub(super) async fn names(work: &Work, ids: &[UserId]) -> Result<HashMap<UserId, String>, DbError> {
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
    let row = work
        .tx
        .query_opt(
            "select from memberships where tenant_id = $1 and user_id = $2 and active",
            &[&work.tx.tenant(), &user],
        )
        .await?;
    Ok(row.is_some())
}
