//! System fields as fields: title, owner, pipeline, stage and times pass through the same faces as what a template declares.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::field::{ChoiceOption, Field, FieldKind, FieldRules, Hue, kind};
use crate::record::{Named, Record};
use crate::schema::{Module, SystemField};

/// A column's field: the module's own, or a system field made into one. None for pipeline and stage where there is no
/// pipeline.
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
        SystemField::Pipeline => FieldKind::Choice(pipelines(module)?),
        SystemField::Stage => FieldKind::Choice(stages(module)?),
        SystemField::StageEnteredAt if module.pipelines.is_empty() => return None,
        SystemField::StageEnteredAt | SystemField::CreatedAt | SystemField::UpdatedAt => {
            FieldKind::DateTime(kind::date_time::DateTime {})
        }
        SystemField::Version => FieldKind::Integer(kind::integer::Integer::default()),
    };
    Some(Cow::Owned(made(system.key(), system.label(), system == SystemField::Stage, kind)))
}

fn made(key: &str, label: &str, required: bool, kind: FieldKind) -> Field {
    Field {
        key: key.to_owned(),
        label: label.to_owned(),
        help: None,
        required,
        unique: false,
        default: None,
        searchable: None,
        sortable: None,
        read_only: false,
        rules: FieldRules::default(),
        editable_when_locked: false,
        kind,
    }
}

/// What a form's control chooses from: as [`field`], but a stage is named with its pipeline where there are several,
/// and a lost record's reason is a control too.
pub(super) fn control<'m>(module: &'m Module, key: &str) -> Option<Cow<'m, Field>> {
    let several = module.pipelines.len() > 1;
    let choice =
        |options: Vec<ChoiceOption>| FieldKind::Choice(kind::choice::Choice { options, option_set: None });
    match (module.field(key), key) {
        (None, "stage") if several => {
            let stages = module.stages().map(|(pipeline, stage)| {
                let label = format!("{}: {}", pipeline.label, stage.label);
                option(format!("{}.{}", pipeline.key, stage.key), label, stage.color)
            });
            Some(Cow::Owned(made("stage", SystemField::Stage.label(), true, choice(stages.collect()))))
        }
        (None, "stage_reason") => {
            let mut reasons: Vec<ChoiceOption> = Vec::new();
            for reason in module.pipelines.iter().flat_map(|pipeline| &pipeline.lost_reasons) {
                if reasons.iter().all(|known| known.key != reason.key) {
                    reasons.push(option(reason.key.clone(), reason.label.clone(), Hue::default()));
                }
            }
            let kind = choice(reasons);
            let known = matches!(&kind, FieldKind::Choice(choice) if !choice.options.is_empty());
            known.then(|| Cow::Owned(made("stage_reason", "Reason, when lost", false, kind)))
        }
        _ => field(module, key),
    }
}

/// A record's stage as [`control`] names it.
pub(super) fn stage_of(module: &Module, record: &Record) -> Option<Value> {
    let (pipeline, stage) = (record.pipeline.as_ref()?, record.stage.as_ref()?);
    Some(json!(stage_value(module, pipeline, stage)))
}

/// A stage as controls name it: with its pipeline where there are several.
pub(super) fn stage_value(module: &Module, pipeline: &str, stage: &str) -> String {
    match module.pipelines.len() {
        1 => stage.to_owned(),
        _ => format!("{pipeline}.{stage}"),
    }
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
        SystemField::Pipeline => json!(record.pipeline.as_ref()?),
        SystemField::Stage => json!(record.stage.as_ref()?),
        SystemField::StageEnteredAt => json!(record.stage_entered_at?),
        SystemField::CreatedAt => json!(record.created_at),
        SystemField::UpdatedAt => json!(record.updated_at),
        SystemField::Version => json!(record.version),
    };
    Some(Cow::Owned(value))
}

/// The pipelines of a module as the options of a choice.
fn pipelines(module: &Module) -> Option<kind::choice::Choice> {
    let options = module.pipelines.iter();
    let options = options.map(|own| option(own.key.clone(), own.label.clone(), Hue::default())).collect();
    (!module.pipelines.is_empty()).then_some(kind::choice::Choice { options, option_set: None })
}

/// The stages of a module's pipelines as the options of a choice, each key once, with every label that it has.
fn stages(module: &Module) -> Option<kind::choice::Choice> {
    let mut options: Vec<ChoiceOption> = Vec::new();
    for (_, stage) in module.stages() {
        match options.iter_mut().find(|known| known.key == stage.key) {
            Some(known) if known.label.split(" / ").any(|label| label == stage.label) => {}
            Some(known) => known.label = format!("{} / {}", known.label, stage.label),
            None => options.push(option(stage.key.clone(), stage.label.clone(), stage.color)),
        }
    }
    (!options.is_empty()).then_some(kind::choice::Choice { options, option_set: None })
}

fn option(key: String, label: String, color: Hue) -> ChoiceOption {
    ChoiceOption { key, label, color, active: true }
}
