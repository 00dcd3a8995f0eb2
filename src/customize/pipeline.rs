//! Pipelines that a tenant adds, changes and takes away. Records of a stage that goes away move where the caller says,
//! in the same transaction.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Error;
use crate::access::{self, Capability, Scope, Verb};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::expr;
use crate::field::FieldError;
use crate::limits;
use crate::pipeline::{PipelineDefinition, Stage};
use crate::record;
use crate::schema::{self, Module, Paths, SchemaError, pipelines};
use crate::work::Work;

/// Adds a pipeline to a module. Where it is the first, the module's records start in its first stage. Work must have
/// begun with [`crate::work::Intent::ChangeSchema`], as for all changes here.
pub async fn add(work: &Work, definition: PipelineDefinition) -> Result<PipelineDefinition, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let module = work.schema.module(&definition.module).filter(|module| is_readable(work, module));
    let module = module.ok_or_else(|| invalid("/module", "There is no such module.".into()))?;
    let known = roles(work).await?;
    let added = pipelines::add(&work.tx, &work.schema, module, definition, &refs(&known)).await?;
    if module.pipelines.is_empty() {
        let changed = schema::uncached(&work.tx).await?;
        if let (Some(module), Some(first)) = (changed.module(module.key()), added.stages.first()) {
            few_enough(work, module, &[0]).await?;
            record::relocate(work, module, 0, first.number).await?;
        }
    }
    note(work, module, Action::PipelineAdded, (&added.key, Value::Null, json!(added))).await?;
    Ok(added)
}

/// Changes a pipeline by a JSON Merge Patch (RFC 7396) of its definition. Stages are given whole and in order; those
/// with new keys are new, and none may be missing.
pub async fn change(work: &Work, key: &str, patch: Map<String, Value>) -> Result<PipelineDefinition, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let (module, present) = find(work, key)?;
    let definition = patched(present, patch)?;
    let missing = present.stages.iter().find(|stage| definition.stage(&stage.key).is_none());
    if let Some(stage) = missing {
        let message = format!(
            "Stage {0} is missing: to take it away, send DELETE …/pipelines/{key}/stages/{0}.",
            stage.key
        );
        return Err(invalid("/stages", message));
    }
    let changed = store(work, module, present, definition).await?;
    if changed.amount != present.amount {
        let schema = schema::uncached(&work.tx).await?;
        if let Some(module) = schema.module(module.key()) {
            record::repair_totals(work, module).await?;
        }
    }
    Ok(changed)
}

/// Takes a stage away. `move_to` names the stage for the records in it.
pub async fn remove_stage(
    work: &Work,
    key: &str,
    stage: &str,
    move_to: Option<&str>,
) -> Result<PipelineDefinition, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let (module, present) = find(work, key)?;
    let removed = present.stage(stage).ok_or(Error::NotFound)?;
    hand_on(work, module, present, &[removed], move_to).await?;
    let mut definition = present.clone();
    definition.stages.retain(|kept| kept.key != stage);
    let changed = store(work, module, present, definition).await?;
    views_still_hold(work, module).await?;
    Ok(changed)
}

/// Takes a pipeline away. `move_to` names the stage, with its pipeline, for the records in it.
pub async fn remove(work: &Work, key: &str, move_to: Option<&str>) -> Result<(), Error> {
    work.actor.require(Capability::ManageSchema)?;
    let (module, present) = find(work, key)?;
    let stages: Vec<&Stage> = present.stages.iter().collect();
    hand_on(work, module, present, &stages, move_to).await?;
    pipelines::remove(&work.tx, module, key).await?;
    views_still_hold(work, module).await?;
    note(work, module, Action::PipelineRemoved, (key, json!(present), Value::Null)).await
}

/// A pipeline of the tenant with its module.
fn find<'w>(work: &'w Work, key: &str) -> Result<(&'w Module, &'w PipelineDefinition), Error> {
    let mut modules = work.schema.modules().filter(|module| is_readable(work, module));
    let found = modules.find_map(|module| Some((&**module, module.pipeline(key)?)));
    found.ok_or(Error::NotFound)
}

/// What may not be read does not exist.
fn is_readable(work: &Work, module: &Module) -> bool {
    work.actor.scope(module.key(), Verb::Read) != Scope::None
}

/// The definition with a merge patch applied.
fn patched(present: &PipelineDefinition, patch: Map<String, Value>) -> Result<PipelineDefinition, Error> {
    let mut whole = serde_json::to_value(present).map_err(|error| invalid("", error.to_string()))?;
    if let Value::Object(whole) = &mut whole {
        for (key, value) in patch {
            if ["key", "module"].contains(&key.as_str()) && whole.get(&key) != Some(&value) {
                return Err(invalid(&format!("/{key}"), "This never changes.".into()));
            }
            match value {
                Value::Null => whole.remove(&key),
                value => whole.insert(key, value),
            };
        }
    }
    serde_path_to_error::deserialize(whole).map_err(|error| {
        let path: String =
            error.path().iter().map(|part| format!("/{part}").replace(['[', ']'], "")).collect();
        invalid(&path, format!("{}.", error.inner()))
    })
}

async fn store(
    work: &Work,
    module: &Module,
    present: &PipelineDefinition,
    definition: PipelineDefinition,
) -> Result<PipelineDefinition, Error> {
    let known = roles(work).await?;
    let changed = pipelines::replace(&work.tx, module, definition, &refs(&known)).await?;
    note(work, module, Action::PipelineChanged, (&present.key, json!(present), json!(changed))).await?;
    Ok(changed)
}

/// Moves the records of stages that go away to the stage that is named.
async fn hand_on(
    work: &Work,
    module: &Module,
    pipeline: &PipelineDefinition,
    stages: &[&Stage],
    move_to: Option<&str>,
) -> Result<(), Error> {
    let numbers: Vec<i16> = stages.iter().map(|stage| stage.number).collect();
    let records = record::held(work, module, &numbers, limits::STAGE_MOVES).await?;
    if records == 0 {
        return Ok(());
    }
    let target = move_to.ok_or(Error::InUse { records, cap: limits::STAGE_MOVES })?;
    let (owner, stage) = match target.split_once('.') {
        Some((pipeline, stage)) => (module.pipeline(pipeline), stage),
        None => (Some(pipeline), target),
    };
    let found = owner.and_then(|owner| owner.stage(stage));
    let Some(to) = found.filter(|to| !numbers.contains(&to.number)) else {
        let kept = module.stages().filter(|(_, stage)| !numbers.contains(&stage.number));
        let known: Vec<String> = kept.map(|(owner, stage)| format!("{}.{}", owner.key, stage.key)).collect();
        return Err(invalid("/move_to", format!("Choose one of: {}.", known.join(", "))));
    };
    few_enough(work, module, &numbers).await?;
    for number in numbers {
        record::relocate(work, module, number, to.number).await?;
    }
    Ok(())
}

async fn few_enough(work: &Work, module: &Module, stages: &[i16]) -> Result<(), Error> {
    let most = limits::STAGE_MOVES;
    match record::held(work, module, stages, most).await? > most {
        true => Err(SchemaError::Limit(format!(
            "More than {most} records would move at once. Move some of them to another stage first."
        ))
        .into()),
        false => Ok(()),
    }
}

/// Views whose conditions name what went away would show nothing: they are changed first.
async fn views_still_hold(work: &Work, module: &Module) -> Result<(), Error> {
    let changed = schema::uncached(&work.tx).await?;
    let Some(now) = changed.module(module.key()) else { return Ok(()) };
    for view in &module.definition.views {
        let breaks = |source: &&String| {
            expr::condition(source, &Paths::new(&work.schema, module)).is_ok()
                && expr::condition(source, &Paths::new(&changed, now)).is_err()
        };
        if let Some(source) = view.filter.as_ref().filter(breaks) {
            let message = format!("The view {} asks for {source}: change that first.", view.label);
            return Err(invalid("", message));
        }
    }
    Ok(())
}

async fn roles(work: &Work) -> Result<Vec<String>, DbError> {
    access::store::keys(&work.tx).await
}

fn refs(keys: &[String]) -> BTreeSet<&str> {
    keys.iter().map(String::as_str).collect()
}

fn invalid(pointer: &str, message: String) -> Error {
    Error::Schema(SchemaError::Invalid(vec![FieldError::new(pointer, message)]))
}

async fn note(
    work: &Work,
    module: &Module,
    action: Action,
    (key, from, to): (&str, Value, Value),
) -> Result<(), Error> {
    let changes = Map::from_iter([(key.to_owned(), json!({"from": from, "to": to}))]);
    let entry = NewEntry { action, module: Some(module.number), record: None, version: None, changes };
    Ok(audit::append(work, &entry).await?)
}
