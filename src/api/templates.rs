//! Industry templates that a workspace can be made from, and the one that it was made from.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::template::{self, InstallOptions};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(applied, apply))
}

/// `…/templates/{template}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TemplatePath {
    /// The template's key.
    template: String,
}

/// Which template to apply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyInput {
    /// The template's key.
    template: String,
    /// Whether its sample records come with it.
    #[serde(default)]
    samples: bool,
}

/// Lists the templates, with what each of them gives.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", operation_id = "templates_list",
    responses((status = 200, description = "Templates in the order of the gallery")))]
async fn list(caller: Caller) -> Result<Json<Value>, Problem> {
    caller.begin(Intent::Read).await?;
    let all: Vec<template::Summary> = caller.catalogue().list().map(|template| template.summary()).collect();
    Ok(Json(json!({"data": all})))
}

/// Gets one template.
#[utoipa::path(get, path = "/api/v1/templates/{template}", tag = "templates", operation_id = "templates_get", params(TemplatePath),
    responses((status = 200, description = "What the template gives")))]
async fn get(caller: Caller, Path(path): Path<TemplatePath>) -> Result<Json<template::Summary>, Problem> {
    caller.begin(Intent::Read).await?;
    let template = caller.catalogue().get(&path.template).ok_or_else(Problem::not_found)?;
    Ok(Json(template.summary()))
}

/// The template that this workspace was made from.
#[utoipa::path(get, path = "/api/v1/workspace/template", tag = "templates", operation_id = "template_applied",
    responses((status = 200, description = "Key and version, or null while none is applied")))]
async fn applied(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"template": work.workspace.template})))
}

/// Makes the workspace from a template: modules, fields, pipelines, roles, and sample records where wanted; all or
/// nothing.
#[utoipa::path(post, path = "/api/v1/workspace/template", tag = "templates", operation_id = "template_apply", request_body = ApplyInput,
    responses((status = 201, description = "What was installed")))]
async fn apply(
    caller: Caller,
    Json(input): Json<ApplyInput>,
) -> Result<(StatusCode, Json<template::Installed>), Problem> {
    let template = caller.catalogue().get(&input.template).ok_or_else(Problem::not_found)?.clone();
    let mut work = caller.begin(Intent::ChangeSchema).await?;
    let installed =
        template::install(&mut work, &template, InstallOptions { samples: input.samples }).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(installed)))
}
