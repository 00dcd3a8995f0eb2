//! Faces of fields with what only the record layer knows: titles of related records, names of people, and addresses.

use serde_json::Value;

use super::ViewContext;
use crate::field::{Face, FaceContext, Field, FieldKind};
use crate::id::RecordId;

impl ViewContext<'_> {
    /// A field's face. Relations come as `{"id", "title"}` and members as `{"id", "name"}`, as records carry them.
    pub(super) fn face(&self, field: &Field, face: Face, value: Option<&Value>) -> FaceContext {
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
        FieldKind::Boolean(_) | FieldKind::Integer(_) | FieldKind::Percent(_) => "w-xs",
        FieldKind::Date(_)
        | FieldKind::Decimal(_)
        | FieldKind::AutoNumber(_)
        | FieldKind::Choice(_)
        | FieldKind::Phone(_) => "w-s",
        FieldKind::LongText(_) => "w-l",
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
    )
}
