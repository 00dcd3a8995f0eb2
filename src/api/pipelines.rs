//! Pipelines of a workspace: list, add, change, take away.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::modules::told_pipelines;
use crate::access::{Scope, Verb};
use crate::customize::pipeline;
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::pipeline::PipelineDefinition;
use crate::work::{Intent, Work};

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .routes(routes!(remove_stage))
}

/// `…/pipelines/{pipeline}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PipelinePath {
    /// The pipeline's key.
    pipeline: String,
}

/// `…/pipelines/{pipeline}/stages/{stage}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct StagePath {
    /// The pipeline's key.
    pipeline: String,
    /// The stage's key.
    stage: String,
}

/// Where records go whose stage goes away.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Removal {
    /// A stage of the pipeline, or `pipeline.stage` of another one of the module.
    move_to: Option<String>,
}

/// Every pipeline of the modules that the caller may read.
fn readable(work: &Work) -> impl Iterator<Item = PipelineDefinition> {
    let modules = work.schema.modules();
    let modules = modules.filter(|module| work.actor.scope(module.key(), Verb::Read) != Scope::None);
    modules.flat_map(|module| told_pipelines(module, &work.actor))
}

/// Lists the pipelines of the modules that the caller may read; of a module's pipelines the default one comes first.
#[utoipa::path(get, path = "/api/v1/pipelines", tag = "pipelines", operation_id = "pipelines_list",
    responses((status = 200, description = "Pipelines with their stages and gates")))]
async fn list(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": readable(&work).collect::<Vec<_>>()})))
}

/// Gets one pipeline.
#[utoipa::path(get, path = "/api/v1/pipelines/{pipeline}", tag = "pipelines", operation_id = "pipelines_get",
    params(PipelinePath), responses((status = 200, description = "The pipeline with its stages and gates")))]
async fn get(caller: Caller, Path(path): Path<PipelinePath>) -> Result<Json<PipelineDefinition>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let found = readable(&work).find(|pipeline| pipeline.key == path.pipeline);
    found.map(Json).ok_or_else(Problem::not_found)
}

/// Adds a pipeline to a module. Records of a module that had none start in its first stage.
#[utoipa::path(post, path = "/api/v1/pipelines", tag = "pipelines", operation_id = "pipelines_add",
    request_body(content = Object, description = "A pipeline as templates declare it: key, module, label, stages…"),
    responses((status = 201, description = "The pipeline")))]
async fn add(
    caller: Caller,
    Json(definition): Json<PipelineDefinition>,
) -> Result<(StatusCode, Json<PipelineDefinition>), Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let added = pipeline::add(&work, definition).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Changes a pipeline: its label, amount, reasons, policy, the default, its stages in order with their gates. Records keep
/// their stages, and closed ones the names with which they closed.
#[utoipa::path(patch, path = "/api/v1/pipelines/{pipeline}", tag = "pipelines", operation_id = "pipelines_change",
    params(PipelinePath),
    request_body(content = Object, description = "What changes (JSON Merge Patch); stages whole and in order", content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The pipeline as it is now")))]
async fn change(
    caller: Caller,
    Path(path): Path<PipelinePath>,
    Json(patch): Json<Map<String, Value>>,
) -> Result<Json<PipelineDefinition>, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let changed = pipeline::change(&work, &path.pipeline, patch).await?;
    work.commit().await?;
    Ok(Json(changed))
}

/// Takes a pipeline away. Where records are in it, `move_to` says where they go.
#[utoipa::path(delete, path = "/api/v1/pipelines/{pipeline}", tag = "pipelines", operation_id = "pipelines_remove",
    params(PipelinePath, Removal),
    responses((status = 204, description = "It is gone"), (status = 409, description = "Records are in it")))]
async fn remove(
    caller: Caller,
    Path(path): Path<PipelinePath>,
    Query(removal): Query<Removal>,
) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    pipeline::remove(&work, &path.pipeline, removal.move_to.as_deref()).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a stage away. Where records are in it, `move_to` says where they go.
#[utoipa::path(delete, path = "/api/v1/pipelines/{pipeline}/stages/{stage}", tag = "pipelines",
    operation_id = "pipelines_remove_stage", params(StagePath, Removal),
    responses((status = 200, description = "The pipeline as it is now"), (status = 409, description = "Records are in it")))]
async fn remove_stage(
    caller: Caller,
    Path(path): Path<StagePath>,
    Query(removal): Query<Removal>,
) -> Result<Json<PipelineDefinition>, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let move_to = removal.move_to.as_deref();
    let changed = pipeline::remove_stage(&work, &path.pipeline, &path.stage, move_to).await?;
    work.commit().await?;
    Ok(Json(changed))
}
