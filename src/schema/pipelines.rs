//! Changes of a module's pipelines: the definition judged, stages numbered, one default. What becomes of records whose
//! stage goes away is the caller's business. The caller has checked who may, and holds the schema version.

use std::collections::BTreeSet;

use super::module::{Module, Origin, StoredField};
use super::stages::GuardScope;
use super::{Schema, SchemaError, store};
use crate::db::TenantTx;
use crate::field::FieldError;
use crate::limits;
use crate::pipeline::{self, Around, PipelineDefinition};

/// Adds a pipeline to a module; gives it with its stages' numbers.
pub async fn add(
    tx: &TenantTx,
    schema: &Schema,
    module: &Module,
    definition: PipelineDefinition,
    roles: &BTreeSet<&str>,
) -> Result<PipelineDefinition, SchemaError> {
    if schema.modules().any(|module| module.pipeline(&definition.key).is_some()) {
        return Err(SchemaError::Exists { what: "pipeline", key: definition.key });
    }
    if module.pipelines.len() >= limits::PIPELINES_PER_MODULE {
        let most = limits::PIPELINES_PER_MODULE;
        return Err(SchemaError::Limit(format!("A module has at most {most} pipelines.")));
    }
    let mut definition = definition;
    definition.default |= module.pipelines.is_empty();
    judge(module, &definition, roles)?;
    number(tx, module, &mut definition).await?;
    leave_one_default(tx, module, &definition).await?;
    store::insert_pipeline(tx, module.id, &definition, Origin::Tenant).await?;
    store::raise_version(tx).await?;
    Ok(definition)
}

/// Replaces a pipeline's definition; stages keep the numbers of those with the same keys.
pub async fn replace(
    tx: &TenantTx,
    module: &Module,
    definition: PipelineDefinition,
    roles: &BTreeSet<&str>,
) -> Result<PipelineDefinition, SchemaError> {
    let mut definition = definition;
    judge(module, &definition, roles)?;
    number(tx, module, &mut definition).await?;
    leave_one_default(tx, module, &definition).await?;
    store::update_pipeline(tx, &definition).await?;
    store::raise_version(tx).await?;
    Ok(definition)
}

/// Removes a pipeline that no record is in any more. The default one goes only when it is the last.
pub async fn remove(tx: &TenantTx, module: &Module, key: &str) -> Result<(), SchemaError> {
    let others: Vec<&PipelineDefinition> = siblings(module, key);
    for other in &others {
        let named = other.stages.iter().flat_map(|stage| stage.next.iter().flatten());
        let prefix = format!("{key}.");
        if let Some(name) = named.into_iter().find(|name| name.starts_with(&prefix)) {
            let message =
                format!("The pipeline {} has {name} among its next stages: change that first.", other.key);
            return Err(SchemaError::Invalid(vec![FieldError::new("", message)]));
        }
    }
    let is_default = module.default_pipeline().is_some_and(|default| default.key == key);
    if is_default && !others.is_empty() {
        let message = "New records start in this pipeline: make another one the default first.";
        return Err(SchemaError::Invalid(vec![FieldError::new("/default", message)]));
    }
    let highest = module.stages().map(|(_, stage)| stage.number).max().unwrap_or(0);
    store::highest_stage(tx, module.number, highest).await?;
    store::delete_pipeline(tx, key).await?;
    store::raise_version(tx).await?;
    Ok(())
}

fn siblings<'m>(module: &'m Module, key: &str) -> Vec<&'m PipelineDefinition> {
    module.pipelines.iter().filter(|pipeline| pipeline.key != key).collect()
}

/// Every fault of a definition, and those that it brings to the other pipelines of the module.
fn judge(
    module: &Module,
    definition: &PipelineDefinition,
    roles: &BTreeSet<&str>,
) -> Result<(), SchemaError> {
    let others = siblings(module, &definition.key);
    let mut errors: Vec<FieldError> = faults(&module.fields, definition, &others, roles);
    for other in &others {
        let mut around = siblings(module, &other.key);
        around.retain(|sibling| sibling.key != definition.key);
        around.push(definition);
        let broken = faults(&module.fields, other, &around, roles).into_iter().filter(|fault| {
            // Only what this change breaks: conditions and fields are as they were.
            fault.pointer.contains("/next/") && fault.message.contains(&format!("'{}'", definition.key))
        });
        errors.extend(broken.map(|fault| {
            FieldError::new(
                "/stages",
                format!("the pipeline {}, {}: {}", other.key, fault.pointer, fault.message),
            )
        }));
    }
    if errors.is_empty() { Ok(()) } else { Err(SchemaError::Invalid(errors)) }
}

fn faults(
    fields: &[StoredField],
    definition: &PipelineDefinition,
    others: &[&PipelineDefinition],
    roles: &BTreeSet<&str>,
) -> Vec<FieldError> {
    let keys: BTreeSet<&str> = fields.iter().map(|stored| stored.field.key.as_str()).collect();
    let scope = GuardScope(fields);
    let around = Around {
        scope: &scope,
        fields: Some(&keys),
        roles: Some(roles),
        siblings: others,
        well_formed: false,
    };
    let faults = pipeline::check(definition, &around).into_iter();
    faults.map(|fault| FieldError::new(fault.pointer, fault.message)).collect()
}

/// Gives each stage the number of the stage that had its key, or one that was never given before.
async fn number(
    tx: &TenantTx,
    module: &Module,
    definition: &mut PipelineDefinition,
) -> Result<(), SchemaError> {
    let present = module.stages().map(|(_, stage)| stage.number).max().unwrap_or(0);
    let mut highest = store::highest_stage(tx, module.number, present).await?;
    for stage in &mut definition.stages {
        stage.number = match module.stage(&definition.key, &stage.key) {
            Some(known) => known.number,
            None => {
                highest = highest
                    .checked_add(1)
                    .ok_or_else(|| SchemaError::Limit("The module has used up its stage numbers.".into()))?;
                highest
            }
        };
    }
    store::highest_stage(tx, module.number, highest).await?;
    Ok(())
}

/// There is one default: whoever becomes it takes the word from the one before.
async fn leave_one_default(
    tx: &TenantTx,
    module: &Module,
    definition: &PipelineDefinition,
) -> Result<(), SchemaError> {
    let was = module.default_pipeline().filter(|default| default.key != definition.key);
    let Some(was) = was.filter(|_| definition.default) else {
        let is_default = module.default_pipeline().is_none_or(|default| default.key == definition.key);
        if is_default && !definition.default {
            let message = "New records start here; make another pipeline the default instead.";
            return Err(SchemaError::Invalid(vec![FieldError::new("/default", message)]));
        }
        return Ok(());
    };
    let was = PipelineDefinition { default: false, ..was.clone() };
    store::update_pipeline(tx, &was).await?;
    Ok(())
}
