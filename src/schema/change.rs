//! Changes of a tenant's schema. Each is a write to metadata: no DDL, no restart. The caller has checked who may, and
//! holds the schema version ([`crate::work::Intent::ChangeSchema`]).

use super::definition::{ModuleDefinition, View};
use super::module::{Module, Origin, StoredField};
use super::rules::{self, RuleFault, Shape};
use super::store::{self, NewModule, TitleScope};
use super::{Paths, Schema, SchemaError, Slot, validator};
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
    schema: &Schema,
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
    let stored = place(field, highest + 1, origin, &mut slots);
    let mut fields = module.fields.clone();
    fields.push(stored.clone());
    check_fields(&fields)?;
    check_rules(schema, Some((module, &stored.field)), &[], &[])?;
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
    check_rules(schema, None, modules, pipelines)?;
    let mut number = schema.modules().map(|module| module.number).max().unwrap_or(0);
    for definition in modules {
        if schema.module(&definition.key).is_some() {
            return Err(SchemaError::Exists { what: "module", key: definition.key.clone() });
        }
        number += 1;
        let id = add_module(tx, schema, definition, number, origin).await?;
        let own: Vec<_> = pipelines.iter().filter(|pipeline| pipeline.module == definition.key).collect();
        for pipeline in numbered(&own) {
            store::insert_pipeline(tx, id, &pipeline, origin).await?;
        }
    }
    store::raise_version(tx).await?;
    Ok(())
}

/// Gives a field a slot, which is filled for older records from now on and read by nobody until [`settle_slot`].
pub async fn begin_slot(tx: &TenantTx, module: &Module, stored: &StoredField) -> Result<(), SchemaError> {
    let (_, mut taken) = store::taken(tx, module.id).await?;
    taken.push(Slot::TITLE);
    let slot = match store::slot(tx, stored.id).await? {
        Some(own) => own,
        None => Slot::free(stored.field.kind.cast(), false, &taken).ok_or_else(|| {
            SchemaError::Limit(format!(
                "No more fields like {} can be made quick to filter and sort by in {}. Take it from another one first.",
                stored.field.label, module.definition.label.many
            ))
        })?,
    };
    store::set_slot(tx, stored.id, slot, "building").await?;
    store::raise_version(tx).await?;
    Ok(())
}

/// Takes a field's slot away; other fields may have it once [`settle_slot`] says that it is empty.
pub async fn begin_clearing(tx: &TenantTx, stored: &StoredField) -> Result<(), SchemaError> {
    if let Some(slot) = store::slot(tx, stored.id).await? {
        store::set_slot(tx, stored.id, slot, "clearing").await?;
        store::raise_version(tx).await?;
    }
    Ok(())
}

/// Ends what [`begin_slot`] or [`begin_clearing`] began: older records have been gone over.
pub async fn settle_slot(tx: &TenantTx, field: FieldId) -> Result<(), SchemaError> {
    store::settle_slot(tx, field).await?;
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
    schema: &Schema,
    definition: &ModuleDefinition,
    number: i16,
    origin: Origin,
) -> Result<ModuleId, SchemaError> {
    let mut slots = vec![Slot::TITLE];
    let fields = (1_i16..)
        .zip(&definition.fields)
        .map(|(number, field)| Ok(place(schema.resolved(field.clone())?, number, origin, &mut slots)))
        .collect::<Result<Vec<_>, SchemaError>>()?;
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

/// Gives a field its number and, where it wants one and one is free, its slot.
fn place(field: Field, number: i16, origin: Origin, taken: &mut Vec<Slot>) -> StoredField {
    let wanted = field.unique || field.wants_slot();
    taken.push(Slot::TITLE);
    // A unique field for which no unique slot is left has its keys in a table of their own, and may be sorted by any slot.
    let slot = wanted.then(|| {
        let unique = field.unique.then(|| Slot::free(field.kind.cast(), true, taken)).flatten();
        unique.or_else(|| Slot::free(field.kind.cast(), false, taken).filter(|_| field.wants_slot()))
    });
    let slot = slot.flatten();
    taken.extend(slot);
    StoredField { id: FieldId::new(), number, origin, slot, building: None, field }
}

/// Which rules would not hold with another type of a field, and which values follow from it: they were computed from
/// values of the type that it has.
fn rule_faults(schema: &Schema, module: &Module, field: &Field) -> Vec<FieldError> {
    let mut shapes: Vec<Shape<'_>> = schema.modules().map(|module| Shape::of(module)).collect();
    let followers = rules::followers(&shapes, (module.key(), &field.key));
    let mut faults: Vec<FieldError> = followers
        .iter()
        .map(|follower| FieldError::new("/to/type", format!("the value of {follower} follows from it")))
        .collect();
    for shape in shapes.iter_mut().filter(|shape| shape.key == module.key()) {
        for known in shape.fields.iter_mut().filter(|known| known.key == field.key) {
            *known = field;
        }
    }
    faults.extend(rules::check(&shapes, &|_| false).into_iter().map(|fault| {
        let place = format!("{}.{}", fault.module, fault.field.unwrap_or_default());
        FieldError::new("/to/type", format!("a rule of {place} would not hold: {}", fault.message))
    }));
    faults
}

/// Why a field of a module cannot become another of the same key: what the module says of it must still hold.
pub fn retype_faults(schema: &Schema, module: &Module, field: &Field) -> Vec<FieldError> {
    let scope = Paths::new(schema, module).with(module.key(), field);
    let mut faults = rule_faults(schema, module, field);
    if let Err(problems) = expr::text(&module.definition.title, &scope) {
        let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        faults.push(FieldError::new("/to/type", format!("the title of the module would not hold: {text}")));
    }
    for other in schema.modules() {
        let scope = Paths::new(schema, other).with(module.key(), field);
        for view in &other.definition.views {
            let filter = view.filter.as_deref().filter(|filter| schema.holds_view(other, filter));
            let condition = filter.map(|filter| expr::condition(filter, &scope));
            let sorts = |key: &String| key.trim_start_matches('-') == field.key;
            let own = other.key() == module.key();
            let unsorted = own && !field.kind.cast().is_sorted() && view.sort.iter().any(sorts);
            if unsorted || matches!(condition, Some(Err(_))) {
                let message =
                    format!("the view '{}' filters or sorts by it in a way that would not hold", view.key);
                faults.push(FieldError::new("/to/type", message));
            }
        }
    }
    faults
}

/// Gives a field another type: its definition is replaced, and its slot by one of the new type's family.
pub async fn retype(
    tx: &TenantTx,
    schema: &Schema,
    module: &Module,
    old: &StoredField,
    field: Field,
) -> Result<StoredField, SchemaError> {
    let faults = retype_faults(schema, module, &field);
    if !faults.is_empty() {
        return Err(SchemaError::Invalid(faults));
    }
    let (_, mut slots) = store::taken(tx, module.id).await?;
    slots.retain(|slot| Some(*slot) != old.slot);
    let placed = place(field, old.number, old.origin, &mut slots);
    let stored = StoredField { id: old.id, ..placed };
    let same = |other: &StoredField| if other.id == old.id { stored.clone() } else { other.clone() };
    check_fields(&module.fields.iter().map(same).collect::<Vec<_>>())?;
    store::update_field(tx, &stored).await?;
    store::raise_version(tx).await?;
    Ok(stored)
}

fn check_fields(fields: &[StoredField]) -> Result<(), SchemaError> {
    let schema = validator::json_schema(fields);
    validator::compile(&schema)
        .map_err(|reason| SchemaError::Invalid(vec![FieldError::new("", reason)]))
        .map(|_| ())
}

/// Checks the rules of the whole schema as it is going to be, with a field and modules added.
fn check_rules(
    schema: &Schema,
    field: Option<(&Module, &Field)>,
    modules: &[ModuleDefinition],
    pipelines: &[PipelineDefinition],
) -> Result<(), SchemaError> {
    let mut shapes: Vec<Shape<'_>> = schema.modules().map(|module| Shape::of(module)).collect();
    if let Some((module, field)) = field {
        let shape = shapes.iter_mut().find(|shape| shape.key == module.key());
        shape.into_iter().for_each(|shape| shape.fields.push(field));
    }
    shapes.extend(modules.iter().map(|module| shape(module, pipelines)));
    let faults = rules::check(&shapes, &|_| false);
    let error = |fault: RuleFault| {
        let is_new = field.is_some_and(|(module, field)| {
            module.key() == fault.module && fault.field.as_ref() == Some(&field.key)
        });
        let place = if is_new {
            String::new()
        } else {
            format!("{}.{}: ", fault.module, fault.field.unwrap_or_default())
        };
        let column = fault.start.map(|start| format!("column {}: ", start + 1)).unwrap_or_default();
        FieldError::new(fault.pointer, format!("{place}{column}{}", fault.message))
    };
    match faults.is_empty() {
        true => Ok(()),
        false => Err(SchemaError::Invalid(faults.into_iter().map(error).collect())),
    }
}

fn shape<'a>(module: &'a ModuleDefinition, pipelines: &[PipelineDefinition]) -> Shape<'a> {
    let own: Vec<_> = pipelines.iter().filter(|pipeline| pipeline.module == module.key).collect();
    let stages = own.iter().flat_map(|pipeline| &pipeline.stages).map(|stage| stage.key.clone());
    Shape {
        key: &module.key,
        fields: module.fields.iter().collect(),
        stages: (!own.is_empty()).then(|| stages.collect()),
        validation: &module.validation,
        roles: None,
    }
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
