//! Faces of fields with what only the record layer knows: titles of related records, names of people, and addresses.

use serde_json::Value;

use super::ViewContext;
use crate::field::face::{Chip, LinkFace};
use crate::field::{Face, FaceContext, Field, FieldKind, Hue};
use crate::id::RecordId;

/// How many of several related records a cell names.
const NAMED: usize = 2;

impl ViewContext<'_> {
    /// A field's face. Relations come as `{"id", "title"}` and members as `{"id", "name"}`, as records carry them.
    pub(super) fn face(&self, field: &Field, face: Face, value: Option<&Value>) -> FaceContext {
        if let (FieldKind::Members(_), Some(Value::Array(people))) = (&field.kind, value) {
            return self.crew(field, face, people);
        }
        let id = value.and_then(|value| value.get("id"));
        let joined = matches!(field.kind, FieldKind::Relation(_) | FieldKind::Member(_));
        let ids = related_ids(field, value);
        let stored = if joined && id.is_some() { id } else { ids.as_ref().or(value) };
        let mut context = FaceContext::new(field, face, stored, &self.work.workspace.locale);
        context.id = control_id(&field.key);
        if let Some(value) = value {
            self.join_many(field, value, &mut context);
        }
        if joined && let Some(value) = value {
            self.join(field, value, &mut context);
        }
        context
    }

    /// The face of several people; each has a chip with the name, in the order of the ids.
    fn crew(&self, field: &Field, face: Face, people: &[Value]) -> FaceContext {
        let id = |person: &Value| person.get("id").unwrap_or(person).clone();
        let ids: Value = people.iter().map(id).collect();
        let mut context = FaceContext::new(field, face, Some(&ids), &self.work.workspace.locale);
        let name = |person: &Value| person.get("name").and_then(Value::as_str).map(str::to_owned);
        let names: Vec<String> = people.iter().map(|person| name(person).unwrap_or_default()).collect();
        context.title = names.join(", ");
        context.display = context.title.clone();
        context.chips = names.into_iter().map(|label| Chip { label, color: Hue::default() }).collect();
        context.id = control_id(&field.key);
        context
    }

    fn join(&self, field: &Field, value: &Value, context: &mut FaceContext) {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let words = text("title").or_else(|| text("name"));
        // What the actor may not read has no title, and then no link either.
        context.title = words.unwrap_or("Not visible to you").to_owned();
        context.display = context.title.clone();
        context.href = self.related_href(field, value);
    }

    /// The page of a related record; "" where the actor may not see it.
    fn related_href(&self, field: &Field, value: &Value) -> String {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let Some(link) = field.kind.link().filter(|_| text("title").is_some()) else { return String::new() };
        let module = if link.is_mixed() { text("module") } else { link.targets.first().copied() };
        let id = text("id").and_then(|id| id.parse::<RecordId>().ok());
        module.zip(id).map(|(module, id)| self.links.record(module, id)).unwrap_or_default()
    }

    /// The first few of several related records in words, and all of them with their pages.
    fn join_many(&self, field: &Field, value: &Value, context: &mut FaceContext) {
        if !field.kind.link().is_some_and(|link| link.many) {
            return;
        }
        let face = |item: &Value| LinkFace {
            key: item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            title: item.get("title").and_then(Value::as_str).unwrap_or("Not visible to you").to_owned(),
            href: self.related_href(field, item),
        };
        context.links = value.as_array().into_iter().flatten().map(face).collect();
        let titles: Vec<&str> = context.links.iter().take(NAMED).map(|link| link.title.as_str()).collect();
        let more = context.links.len().saturating_sub(NAMED);
        context.display = match more {
            0 => titles.join(", "),
            more => format!("{} and {more} more", titles.join(", ")),
        };
        context.title = context.display.clone();
    }
}

/// The stored form of several related records.
fn related_ids(field: &Field, value: Option<&Value>) -> Option<Value> {
    let items = value?.as_array().filter(|_| field.kind.link().is_some_and(|link| link.many))?;
    Some(items.iter().map(|item| item.get("id").unwrap_or(item).clone()).collect())
}

/// The HTML id of a field's control.
pub(super) fn control_id(key: &str) -> String {
    format!("f-{key}")
}

/// How wide a column of a field is, as a class of the stylesheet.
pub(super) fn width(field: &Field) -> &'static str {
    match &field.kind {
        FieldKind::Boolean(_)
        | FieldKind::Integer(_)
        | FieldKind::Percent(_)
        | FieldKind::Rating(_)
        | FieldKind::Time(_) => "w-xs",
        FieldKind::Date(_)
        | FieldKind::Decimal(_)
        | FieldKind::AutoNumber(_)
        | FieldKind::Choice(_)
        | FieldKind::Duration(_)
        | FieldKind::Color(_)
        | FieldKind::Phone(_) => "w-s",
        FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Address(_) => "w-l",
        _ => "w-m",
    }
}

/// Whether a field's values stand at the right.
pub(super) fn is_numeric(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::Integer(_)
            | FieldKind::Decimal(_)
            | FieldKind::Money(_)
            | FieldKind::Percent(_)
            | FieldKind::LineItems(_)
            | FieldKind::Duration(_)
            | FieldKind::Rating(_)
    )
}
