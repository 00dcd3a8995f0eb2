//! Gets a workspace ready for an import: adds the fields and modules that the mapping brings and the workspace lacks,
//! as its administrator would.

use serde_json::{Map, Value, json};

use super::mapping::{FileMapping, MappingFault};
use crate::customize;
use crate::field::{Field, FieldError};
use crate::schema::definition::ModuleDefinition;
use crate::schema::{Module, Schema, SchemaError};
use crate::work::Work;

/// Why the workspace could not be got ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The mapping's definitions are refused.
    #[error("the mapping's definitions are not valid")]
    Mapping(Vec<MappingFault>),
    /// A field or module could not be added.
    #[error("{what} could not be added")]
    Add {
        /// Such as "the field ssn of patients".
        what: String,
        /// Why.
        #[source]
        source: customize::Error,
    },
}

/// Whether a workspace lacks something that a file's mapping brings.
pub(super) fn lacks(schema: &Schema, mapping: &FileMapping) -> bool {
    match schema.module(&mapping.module.value) {
        Some(module) => {
            fields(mapping).is_ok_and(|fields| fields.iter().any(|field| is_missing(module, field)))
        }
        None => mapping.add.is_some(),
    }
}

/// Adds what the workspace lacks for a file, and says what was added. `work` was begun with
/// [`crate::work::Intent::ChangeSchema`]; it has the new schema afterwards.
pub(super) async fn add_missing(work: &mut Work, mapping: &FileMapping) -> Result<Vec<String>, PrepareError> {
    let fields = fields(mapping).map_err(PrepareError::Mapping)?;
    let key = &mapping.module.value;
    let Some(module) = work.schema.module(key).cloned() else {
        let Some(definition) = module(mapping, fields)? else { return Ok(Vec::new()) };
        let what = format!("the module {key}");
        let refused = |source| PrepareError::Add { what: what.clone(), source };
        customize::add_module(work, definition).await.map_err(refused)?;
        refresh(work, &what).await?;
        return Ok(vec![what]);
    };
    let mut added = Vec::new();
    for field in fields.into_iter().filter(|field| is_missing(&module, field)) {
        let what = format!("the field {} of {key}", field.key);
        let Some(module) = work.schema.module(key).cloned() else { break };
        let refused = |source| PrepareError::Add { what: what.clone(), source };
        customize::add_field(work, &module, field).await.map_err(refused)?;
        refresh(work, &what).await?;
        added.push(what);
    }
    Ok(added)
}

/// A change sees the schema that the one before it made.
async fn refresh(work: &mut Work, what: &str) -> Result<(), PrepareError> {
    let refused = |source: SchemaError| PrepareError::Add { what: what.to_owned(), source: source.into() };
    work.reload().await.map_err(refused)
}

fn is_missing(module: &Module, field: &Field) -> bool {
    module.field(&field.key).is_none()
}

/// The fields that a mapping brings, the one that keeps the key among them.
fn fields(mapping: &FileMapping) -> Result<Vec<Field>, Vec<MappingFault>> {
    let (mut fields, mut faults) = (Vec::new(), Vec::new());
    for addition in mapping.additions().chain([key_field(mapping)]) {
        match addition {
            Ok(field) => fields.push(field),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn key_field(mapping: &FileMapping) -> Result<Field, Vec<MappingFault>> {
    let definition = json!({
        "key": mapping.key_field,
        "label": "External ID",
        "help": "The record's key in the system it was imported from.",
        "type": "text",
        "unique": true,
        "sortable": false,
        "searchable": false,
    });
    Field::from_json(&definition).map_err(|errors| {
        let fault = |error: &FieldError| MappingFault::at(mapping.name.referenced, error.message.clone());
        errors.iter().map(fault).collect()
    })
}

/// The definition of a module that the workspace lacks; None where the mapping does not bring one.
fn module(mapping: &FileMapping, fields: Vec<Field>) -> Result<Option<ModuleDefinition>, PrepareError> {
    let Some(add) = &mapping.add else { return Ok(None) };
    let mut definition: Map<String, Value> = add.value.clone();
    definition.insert("key".into(), mapping.module.value.clone().into());
    let read = serde_json::from_value::<ModuleDefinition>(Value::Object(definition));
    let fault = |error: serde_json::Error| MappingFault::at(add.referenced, error.to_string());
    let mut module = read.map_err(|error| PrepareError::Mapping(vec![fault(error)]))?;
    if !module.fields.is_empty() {
        let message = "the fields of a module to add are those that its columns add";
        return Err(PrepareError::Mapping(vec![MappingFault::at(add.referenced, message)]));
    }
    module.fields = fields;
    Ok(Some(module))
}
