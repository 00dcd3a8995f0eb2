//! System fields as fields: title, owner, stage and times pass through the same faces as what a template declares.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::field::{ChoiceOption, Field, FieldKind, kind};
use crate::record::{Named, Record};
use crate::schema::{Module, SystemField};

/// A column's field: the module's own, or a system field made into one. None for a stage where there is no pipeline.
pub(super) fn field<'m>(module: &'m Module, key: &str) -> Option<Cow<'m, Field>> {
    if let Some(stored) = module.field(key) {
        return Some(Cow::Borrowed(&stored.field));
    }
    let system = SystemField::named(key)?;
    let kind = match system {
        SystemField::Title => FieldKind::Text(kind::text::Text::default()),
        SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy => {
            FieldKind::Member(kind::member::Member {})
        }
        SystemField::Stage => FieldKind::Choice(stages(module)?),
        SystemField::CreatedAt | SystemField::UpdatedAt => FieldKind::DateTime(kind::date_time::DateTime {}),
        SystemField::Version => FieldKind::Integer(kind::integer::Integer::default()),
    };
    Some(Cow::Owned(Field {
        key: system.key().to_owned(),
        label: system.label().to_owned(),
        help: None,
        required: system == SystemField::Stage,
        unique: false,
        default: None,
        searchable: None,
        sortable: None,
        read_only: false,
        kind,
    }))
}

/// A record's value in a column; of system fields too.
pub(super) fn value<'v>(
    record: &Record,
    values: &'v Map<String, Value>,
    module: &Module,
    key: &str,
) -> Option<Cow<'v, Value>> {
    if module.field(key).is_some() {
        return values.get(key).map(Cow::Borrowed);
    }
    let named = |person: &Option<Named<_>>| person.as_ref().map(|person| json!(person));
    let value = match SystemField::named(key)? {
        SystemField::Title => json!(record.title),
        SystemField::Owner => named(&record.owner)?,
        SystemField::CreatedBy => named(&record.created_by)?,
        SystemField::UpdatedBy => named(&record.updated_by)?,
        SystemField::Stage => json!(record.stage.as_ref()?),
        SystemField::CreatedAt => json!(record.created_at),
        SystemField::UpdatedAt => json!(record.updated_at),
        SystemField::Version => json!(record.version),
    };
    Some(Cow::Owned(value))
}

/// The stages of a module's pipeline as the options of a choice.
fn stages(module: &Module) -> Option<kind::choice::Choice> {
    let stages = &module.pipeline.as_ref()?.stages;
    let option = |stage: &crate::pipeline::Stage| ChoiceOption {
        key: stage.key.clone(),
        label: stage.label.clone(),
        color: stage.color,
        active: true,
    };
    Some(kind::choice::Choice { options: stages.iter().map(option).collect(), option_set: None })
}
