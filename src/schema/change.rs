//! Changes of a tenant's schema. Each is a write to metadata: no DDL, no restart. The caller has checked who may, and
//! holds the schema version ([`crate::work::Intent::ChangeSchema`]).

use super::definition::{ModuleDefinition, View};
use super::module::{Module, Origin, StoredField};
use super::store::{self, NewModule, TitleScope};
use super::{Schema, SchemaError, Slot, validator};
use crate::db::TenantTx;
use crate::expr;
use crate::field::{Field, FieldError};
use crate::id::{FieldId, ModuleId};
use crate::limits;
use crate::pipeline::PipelineDefinition;

/// Adds a field to a module; it is at once in forms, lists, filters, sorts and the API. It gets a slot while there
/// are free ones: no record has a value yet, so nothing needs filling.
pub async fn add_field(
    tx: &TenantTx,
    module: &Module,
    field: Field,
    origin: Origin,
) -> Result<StoredField, SchemaError> {
    if module.field(&field.key).is_some() || module.retired.contains(&field.key) {
        return Err(SchemaError::Exists { what: "field", key: field.key });
    }
    if module.fields.len() >= limits::FIELDS_PER_MODULE {
        return Err(SchemaError::Limit(format!(
            "A module has at most {} fields.",
            limits::FIELDS_PER_MODULE
        )));
    }
    let (highest, mut slots) = store::taken(tx, module.id).await?;
    let stored = place(field, highest + 1, origin, &mut slots)?;
    let mut fields = module.fields.clone();
    fields.push(stored.clone());
    check_fields(&fields)?;
    store::insert_field(tx, module.id, &stored).await?;
    store::raise_version(tx).await?;
    Ok(stored)
}

/// Adds modules with their fields and pipelines, in one step.
pub async fn add_modules(
    tx: &TenantTx,
    schema: &Schema,
    modules: &[ModuleDefinition],
    pipelines: &[PipelineDefinition],
    origin: Origin,
) -> Result<(), SchemaError> {
    if schema.modules().count() + modules.len() > limits::MODULES {
        return Err(SchemaError::Limit(format!("A workspace has at most {} modules.", limits::MODULES)));
    }
    let mut number = schema.modules().map(|module| module.number).max().unwrap_or(0);
    for definition in modules {
        if schema.module(&definition.key).is_some() {
            return Err(SchemaError::Exists { what: "module", key: definition.key.clone() });
        }
        number += 1;
        let id = add_module(tx, definition, number, origin).await?;
        let own: Vec<_> = pipelines.iter().filter(|pipeline| pipeline.module == definition.key).collect();
        for pipeline in numbered(&own) {
            store::insert_pipeline(tx, id, &pipeline, origin).await?;
        }
    }
    store::raise_version(tx).await?;
    Ok(())
}

/// Puts a field at the end of the module's default list, so that it is seen where it was added.
pub async fn show_in_default_list(tx: &TenantTx, module: &Module, key: &str) -> Result<(), SchemaError> {
    let mut definition = module.definition.clone();
    match definition.views.first_mut() {
        Some(view) => view.columns.push(key.to_owned()),
        None => definition.views.push(View {
            key: "all".into(),
            label: format!("All {}", definition.label.many.to_lowercase()),
            kind: Default::default(),
            columns: vec!["title".into(), key.to_owned()],
            filter: None,
            sort: Vec::new(),
        }),
    }
    store::update_module(tx, module.id, &definition).await?;
    store::raise_version(tx).await?;
    Ok(())
}

async fn add_module(
    tx: &TenantTx,
    definition: &ModuleDefinition,
    number: i16,
    origin: Origin,
) -> Result<ModuleId, SchemaError> {
    let mut slots = vec![Slot::TITLE];
    let fields = (1_i16..)
        .zip(&definition.fields)
        .map(|(number, field)| place(field.clone(), number, origin, &mut slots))
        .collect::<Result<Vec<_>, _>>()?;
    check_fields(&fields)?;
    expr::text(&definition.title, &TitleScope(&fields)).map_err(|problems| {
        SchemaError::Invalid(
            problems.iter().map(|problem| FieldError::new("/title", problem.to_string())).collect(),
        )
    })?;
    let id = ModuleId::new();
    let bare = ModuleDefinition { fields: Vec::new(), ..definition.clone() };
    store::insert_module(tx, &NewModule { id, number, origin, definition: &bare }, &fields).await?;
    Ok(id)
}

/// Gives a field its number and, where it wants one and one is free, its slot. Unique fields must have one.
fn place(
    field: Field,
    number: i16,
    origin: Origin,
    taken: &mut Vec<Slot>,
) -> Result<StoredField, SchemaError> {
    let wanted = field.unique || field.wants_slot();
    taken.push(Slot::TITLE);
    let slot = wanted.then(|| Slot::free(field.kind.cast(), field.unique, taken)).flatten();
    if field.unique && slot.is_none() {
        return Err(SchemaError::Limit("A module has at most two unique fields.".into()));
    }
    taken.extend(slot);
    Ok(StoredField { id: FieldId::new(), number, origin, slot, field })
}

fn check_fields(fields: &[StoredField]) -> Result<(), SchemaError> {
    let schema = validator::json_schema(fields);
    validator::compile(&schema)
        .map_err(|reason| SchemaError::Invalid(vec![FieldError::new("", reason)]))
        .map(|_| ())
}

/// A module's stages are numbered from 1, those of its default pipeline first; 0 means no pipeline. A pipeline that is
/// the only one is the default.
fn numbered(pipelines: &[&PipelineDefinition]) -> Vec<PipelineDefinition> {
    let mut numbered: Vec<PipelineDefinition> =
        pipelines.iter().map(|pipeline| (*pipeline).clone()).collect();
    numbered.sort_by_key(|pipeline| !pipeline.default);
    if let [only] = numbered.as_mut_slice() {
        only.default = true;
    }
    for (number, stage) in (1..).zip(numbered.iter_mut().flat_map(|pipeline| &mut pipeline.stages)) {
        stage.number = number;
    }
    numbered
}
