//! The history of a record as people read it: who did what, when, by which way, and what a field was before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{ViewContext, system};
use crate::audit;
use crate::field::{Field, FieldKind};
use crate::id::{RecordId, UserId};
use crate::record;
use crate::schema::Module;

/// One line of a timeline.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryLine {
    /// Who did it.
    pub who: String,
    /// "created this patient", "changed", "moved it to the trash"…
    pub what: String,
    /// "by import"; "" for the ordinary way.
    pub channel: &'static str,
    /// An icon of the sprite.
    pub icon: &'static str,
    /// When, for programs.
    pub at: String,
    /// When, for people.
    pub at_text: String,
    /// Changes of fields, old and new.
    pub changes: Vec<Change>,
}

/// A changed field.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What people read.
    pub label: String,
    /// What it was; "" for nothing.
    pub from: String,
    /// What it is; "" for nothing.
    pub to: String,
}

/// History entries as lines.
pub async fn history(
    ctx: ViewContext<'_>,
    module: &Module,
    entries: &[record::HistoryEntry],
) -> Result<Vec<HistoryLine>, record::Error> {
    let names = Names::of(ctx, module, entries).await?;
    Ok(entries.iter().map(|line| names.line(ctx, module, &line.entry)).collect())
}

/// Values of one field as people read them.
pub(super) async fn words(
    ctx: ViewContext<'_>,
    field: &Field,
    values: &[Value],
) -> Result<Vec<String>, record::Error> {
    let mut names = Names::default();
    for value in values {
        names.note(field, value);
    }
    names.look_up(ctx).await?;
    Ok(values.iter().map(|value| names.words(ctx, field, value)).collect())
}

/// An instant in the workspace's time zone: "21 Nov 2026, 14:30".
pub(super) fn when(ctx: ViewContext<'_>, at: DateTime<Utc>) -> String {
    at.with_timezone(&ctx.work.workspace.locale.timezone).format("%-d %b %Y, %H:%M").to_string()
}

/// What ids in changes are called.
#[derive(Default)]
struct Names {
    records: Vec<RecordId>,
    people: Vec<UserId>,
    titles: HashMap<RecordId, String>,
    names: HashMap<UserId, String>,
}

impl Names {
    async fn of(
        ctx: ViewContext<'_>,
        module: &Module,
        entries: &[record::HistoryEntry],
    ) -> Result<Self, record::Error> {
        let mut names = Self::default();
        for (key, change) in entries.iter().flat_map(|line| &line.entry.changes) {
            let Some(field) = system::field(module, key) else { continue };
            for side in ["from", "to"] {
                names.note(&field, change.get(side).unwrap_or(&Value::Null));
            }
        }
        names.look_up(ctx).await?;
        Ok(names)
    }

    fn note(&mut self, field: &Field, value: &Value) {
        let id = value.as_str();
        match &field.kind {
            FieldKind::Relation(_) => self.records.extend(id.and_then(|id| id.parse::<RecordId>().ok())),
            FieldKind::Relations(_) => self.records.extend(related(value)),
            FieldKind::Member(_) => self.people.extend(id.and_then(|id| id.parse::<UserId>().ok())),
            FieldKind::Members(_) => self.people.extend(people(value)),
            _ => {}
        }
    }

    async fn look_up(&mut self, ctx: ViewContext<'_>) -> Result<(), record::Error> {
        self.titles = record::titles(ctx.work, &self.records).await?;
        self.names = record::names(ctx.work, &self.people).await?;
        Ok(())
    }

    fn words(&self, ctx: ViewContext<'_>, field: &Field, value: &Value) -> String {
        let text = value.as_str().unwrap_or_default();
        let known = match &field.kind {
            _ if value.is_null() => return String::new(),
            FieldKind::Relation(_) => text.parse().ok().map(|id| self.titles.get(&id)),
            FieldKind::Relations(_) => return self.several(value),
            FieldKind::Member(_) => text.parse().ok().map(|id| self.names.get(&id)),
            FieldKind::Members(_) => return self.crew(value),
            kind => return kind.display(value, &ctx.work.workspace.locale),
        };
        known.flatten().cloned().unwrap_or_else(|| "a record you may not see".to_owned())
    }

    fn several(&self, value: &Value) -> String {
        let title =
            |id| self.titles.get(&id).cloned().unwrap_or_else(|| "a record you may not see".to_owned());
        related(value).map(title).collect::<Vec<_>>().join(", ")
    }

    fn crew(&self, value: &Value) -> String {
        let name = |id| self.names.get(&id).map_or("somebody who is not known any more", String::as_str);
        people(value).map(name).collect::<Vec<_>>().join(", ")
    }

    fn line(&self, ctx: ViewContext<'_>, module: &Module, entry: &audit::Entry) -> HistoryLine {
        let one = super::in_sentence(&module.definition.label.one);
        let (what, icon) = match entry.action.as_str() {
            "created" => (format!("created this {one}"), "plus"),
            "price_overridden" => ("set another price".to_owned(), "receipt"),
            "deleted" => ("moved it to the trash".to_owned(), "trash-2"),
            "restored" => ("restored it from the trash".to_owned(), "rotate-ccw"),
            "shared" => ("changed whom it is shared with".to_owned(), "users"),
            _ => ("changed".to_owned(), "pencil"),
        };
        HistoryLine {
            who: entry.actor_name.clone().unwrap_or_else(|| "Trellis".to_owned()),
            what,
            channel: channel(&entry.channel),
            icon,
            at: entry.at.to_rfc3339(),
            at_text: when(ctx, entry.at),
            changes: if ["updated", "price_overridden"].contains(&entry.action.as_str()) {
                self.changes(ctx, module, entry)
            } else {
                Vec::new()
            },
        }
    }

    fn changes(&self, ctx: ViewContext<'_>, module: &Module, entry: &audit::Entry) -> Vec<Change> {
        let order = |key: &str| module.fields.iter().position(|stored| stored.field.key == key);
        let mut keys: Vec<&String> = entry.changes.keys().collect();
        keys.sort_by_key(|key| order(key));
        let change = |key: &String| {
            let field = system::field(module, key)?;
            let change = entry.changes.get(key)?;
            let side = |side| self.words(ctx, &field, change.get(side).unwrap_or(&Value::Null));
            Some(Change { label: field.label.clone(), from: side("from"), to: side("to") })
        };
        keys.into_iter().filter_map(change).collect()
    }
}

/// The records that a stored list names.
fn related(value: &Value) -> impl Iterator<Item = RecordId> {
    value.as_array().into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok())
}

fn channel(word: &str) -> &'static str {
    match word {
        "api" => "through the API",
        "cli" => "from the command line",
        "import" => "by import",
        "template" => "as sample data",
        "system" => "by a change of the field",
        _ => "",
    }
}

/// The people of a stored list.
fn people(value: &Value) -> impl Iterator<Item = UserId> {
    value.as_array().into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok())
}
