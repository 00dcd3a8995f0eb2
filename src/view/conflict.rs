//! Two people changed the same record: which fields both changed, what each of them wants, and what merges by itself.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::ViewContext;
use super::form::Typed;
use crate::audit;
use crate::field::{Face, Field};
use crate::record::{self, Record};
use crate::schema::Module;

/// What a person must decide before their changes can be saved.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    /// Who changed the record last.
    pub by: String,
    /// Fields that both changed, to different values. Empty: everything merges.
    pub rows: Vec<ConflictRow>,
}

/// A field that both changed.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictRow {
    /// The field's key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// What the actor wants.
    pub yours: String,
    /// What it is now.
    pub theirs: String,
    /// Who made it so.
    pub by: String,
}

/// Compares what was typed for version `base` with the record as it is now. Fields that only others changed leave
/// `typed`, so that they keep their new values.
pub async fn conflict(
    ctx: ViewContext<'_>,
    module: &Module,
    record: &Record,
    base: i32,
    typed: &mut Typed,
) -> Result<Conflict, record::Error> {
    let (entries, _) = record::history(ctx.work, module, record.id, None).await?;
    let later: Vec<&audit::Entry> =
        entries.iter().map(|line| &line.entry).filter(|entry| entry.version > Some(base)).collect();
    let values = record.values();
    let mut rows = Vec::new();
    for (key, by) in changed_by(&later) {
        let Some(stored) = module.field(&key) else { continue };
        let Some(texts) = typed.get(&key) else { continue };
        let now = values.get(&key).map(unjoined).unwrap_or_default();
        let before = original(&later, &key);
        let wanted = wanted(ctx, &stored.field, texts);
        if wanted.as_ref() == Some(&before) {
            typed.remove(&key);
        } else if wanted.as_ref() != Some(&now) {
            let yours = stored_words(ctx, &stored.field, texts, wanted.as_ref()).await?;
            let theirs = ctx.face(&stored.field, Face::Read, values.get(&key)).title_or_display();
            rows.push(ConflictRow { key, label: stored.field.label.clone(), yours, theirs, by });
        }
    }
    rows.sort_by_key(|row| module.fields.iter().position(|stored| stored.field.key == row.key));
    let by = later.first().map(|entry| name(entry)).unwrap_or_else(|| "Somebody else".to_owned());
    Ok(Conflict { by, rows })
}

/// Every field that these entries changed, with who changed it last.
fn changed_by(entries: &[&audit::Entry]) -> HashMap<String, String> {
    let mut people = HashMap::new();
    for entry in entries.iter().rev() {
        people.extend(entry.changes.keys().map(|key| (key.clone(), name(entry))));
    }
    people
}

fn name(entry: &audit::Entry) -> String {
    entry.actor_name.clone().unwrap_or_else(|| "Somebody else".to_owned())
}

/// A field's value before the earliest of these entries, which come newest first.
fn original(entries: &[&audit::Entry], key: &str) -> Value {
    let earliest = entries.iter().rev().find_map(|entry| entry.changes.get(key));
    earliest.and_then(|change| change.get("from")).cloned().unwrap_or_default()
}

/// The stored form of what was typed; None where it would be refused.
fn wanted(ctx: ViewContext<'_>, field: &Field, texts: &[String]) -> Option<Value> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if field.kind.is_blank(&texts) {
        return Some(Value::Null);
    }
    let value = field.kind.parse(&texts).ok()?;
    field.kind.normalise(value, &ctx.work.workspace.locale).ok()
}

/// A relation or member as its id.
fn unjoined(value: &Value) -> Value {
    match value.get("id") {
        Some(id) => id.clone(),
        None => value.clone(),
    }
}

async fn stored_words(
    ctx: ViewContext<'_>,
    field: &Field,
    texts: &[String],
    wanted: Option<&Value>,
) -> Result<String, record::Error> {
    let Some(value) = wanted else { return Ok(texts.join(", ")) };
    Ok(super::history::words(ctx, field, std::slice::from_ref(value)).await?.pop().unwrap_or_default())
}

impl crate::field::FaceContext {
    /// What people read of a value; "empty" where there is none.
    pub(super) fn title_or_display(&self) -> String {
        match (self.empty, self.title.is_empty()) {
            (true, _) => "empty".to_owned(),
            (false, true) => self.display.clone(),
            (false, false) => self.title.clone(),
        }
    }
}
