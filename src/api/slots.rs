//! Making fields quick to filter and sort by, and taking that from them again.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::module;
use crate::customize;
use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::job::Job;
use crate::schema::{Module, StoredField};
use crate::work::{Intent, Work};

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add, remove))
}

/// `…/{module}/fields/{field}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct FieldPath {
    /// The module's key.
    module: String,
    /// The field's key.
    field: String,
}

/// Makes a field quick to filter and sort by in large modules, in a job that goes over the records there are.
#[utoipa::path(post, path = "/api/v1/modules/{module}/fields/{field}/slot", tag = "modules", operation_id = "fields_index", params(FieldPath),
    responses((status = 202, description = "The job, with its address in Location"), (status = 204, description = "It is already")))]
async fn add(caller: Caller, Path(path): Path<FieldPath>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let module = module(&work, &path.module)?;
    let job = customize::index_field(&work, &module, field(&module, &path.field)?).await?;
    answer(&caller, work, job).await
}

/// Takes that from a field again, so that another one may have it.
#[utoipa::path(delete, path = "/api/v1/modules/{module}/fields/{field}/slot", tag = "modules", operation_id = "fields_unindex", params(FieldPath),
    responses((status = 202, description = "The job, with its address in Location")))]
async fn remove(caller: Caller, Path(path): Path<FieldPath>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::ChangeSchema).await?;
    let module = module(&work, &path.module)?;
    let job = customize::unindex_field(&work, &module, field(&module, &path.field)?).await?;
    answer(&caller, work, job).await
}

fn field<'m>(module: &'m Arc<Module>, key: &str) -> Result<&'m StoredField, Problem> {
    module.field(key).ok_or_else(Problem::not_found)
}

async fn answer(caller: &Caller, work: Work, job: Option<Job>) -> Result<Response, Problem> {
    work.commit().await?;
    let Some(job) = job else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let location = format!("{}/api/v1/jobs/{}", caller.base(), job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(job)).into_response())
}
