//! Conditions and formulas of a module for the browser: it shows, marks and previews by them while somebody types. The
//! server judges what is sent all the same.

use serde_json::{Map, Value, json};

use super::ViewContext;
use super::form::FormPurpose;
use super::system::{stage_of, stage_value};
use crate::expr::{self, Checked};
use crate::pipeline::{PipelineDefinition, Stage};
use crate::schema::{Module, StoredField};

/// What the page's script needs, as JSON; "" where the module has nothing for it.
pub(super) fn for_browser(ctx: ViewContext<'_>, module: &Module, purpose: FormPurpose<'_>) -> String {
    let tree = |condition: &Option<Checked>| condition.as_ref().map(Checked::to_json);
    let fields: Map<String, Value> = module
        .rules
        .conditions
        .iter()
        .filter(|field| field.visible.is_some() || field.required.is_some())
        .map(|field| {
            let conditions = json!({"visible": tree(&field.visible), "required": tree(&field.required)});
            (field.field.clone(), conditions)
        })
        .collect();
    if fields.is_empty() && module.rules.formulas.is_empty() {
        return String::new();
    }
    let formulas = module.rules.formulas.iter();
    let work = ctx.work;
    let locale = &work.workspace.locale;
    json!({
        "fields": fields,
        "formulas": formulas.map(|formula| json!([formula.field, formula.checked.to_json()])).collect::<Vec<_>>(),
        "types": types(module),
        "stages": stages(module),
        "placed": placed(module, purpose),
        "old": old(module, purpose),
        "facts": {
            "is_new": matches!(purpose, FormPurpose::Create),
            "user.role": work.actor.role_key(),
            "tenant.currency": locale.currency,
            "tenant.country": locale.country,
            "tenant.timezone": locale.timezone.name(),
            "tenant.locale": work.workspace.language,
        },
        "user": work.actor.user,
        "zone": locale.timezone.name(),
        "now": work.clock.now().timestamp_micros().to_string(),
    })
    .to_string()
}

fn types(module: &Module) -> Map<String, Value> {
    let word = |stored: &StoredField| (stored.field.key.clone(), stored.field.kind.expr_type().word().into());
    module.fields.iter().map(word).collect()
}

fn stages(module: &Module) -> Map<String, Value> {
    let face = |(pipeline, stage): (&PipelineDefinition, &Stage)| {
        let chance = stage.probability.map(|chance| json!({"n": chance.to_string()}));
        (
            stage_value(module, &pipeline.key, &stage.key),
            json!({"probability": chance, "category": stage.category}),
        )
    };
    module.stages().map(face).collect()
}

/// The stage where the record is, or where a new one starts, as controls name it.
fn placed(module: &Module, purpose: FormPurpose<'_>) -> Option<Value> {
    match purpose {
        FormPurpose::Edit(record) => stage_of(module, record),
        FormPurpose::Create => {
            let (pipeline, stage) = module.stages().next()?;
            Some(json!(stage_value(module, &pipeline.key, &stage.key)))
        }
    }
}

/// The stored values; of related records and people the id alone.
fn old(module: &Module, purpose: FormPurpose<'_>) -> Map<String, Value> {
    let FormPurpose::Edit(record) = purpose else { return Map::new() };
    let values: Map<String, Value> = record
        .values()
        .into_iter()
        .map(|(key, value)| {
            let is_reference = module
                .field(&key)
                .is_some_and(|stored| stored.field.kind.expr_type() == expr::Type::Reference);
            let id = value.get("id").filter(|_| is_reference).cloned();
            (key, id.unwrap_or(value))
        })
        .collect();
    let mut old: Map<String, Value> =
        values.keys().map(|key| (key.clone(), module.value(&values, key).to_json())).collect();
    old.entry("stage").or_insert_with(|| json!(record.stage));
    old.entry("owner").or_insert_with(|| json!(record.owner.as_ref().map(|owner| owner.id)));
    old
}
