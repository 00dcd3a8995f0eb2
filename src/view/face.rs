//! Faces of fields with what only the record layer knows: titles of related records, names of people, and addresses.

use serde_json::Value;

use super::ViewContext;
use crate::field::face::Chip;
use crate::field::{Face, FaceContext, Field, FieldKind, Hue};
use crate::id::RecordId;

impl ViewContext<'_> {
    /// A field's face. Relations come as `{"id", "title"}` and members as `{"id", "name"}`, as records carry them.
    pub(super) fn face(&self, field: &Field, face: Face, value: Option<&Value>) -> FaceContext {
        if let (FieldKind::Members(_), Some(Value::Array(people))) = (&field.kind, value) {
            return self.crew(field, face, people);
        }
        let id = value.and_then(|value| value.get("id"));
        let joined = matches!(field.kind, FieldKind::Relation(_) | FieldKind::Member(_));
        let stored = if joined && id.is_some() { id } else { value };
        let mut context = FaceContext::new(field, face, stored, &self.work.workspace.locale);
        context.id = control_id(&field.key);
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
        if let (FieldKind::Relation(relation), Some(_)) = (&field.kind, words)
            && let Some(id) = text("id").and_then(|id| id.parse::<RecordId>().ok())
        {
            context.href = self.links.record(&relation.module, id);
        }
    }
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
            | FieldKind::Duration(_)
            | FieldKind::Rating(_)
    )
}
