//! Records that are likely the same thing twice.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::{ModulePath, RecordPath, module};
use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::id::RecordId;
use crate::record;
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(of_data)).routes(routes!(of_record))
}

/// Values that are not a record yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicatesInput {
    /// Values by field key.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Records that a new one with these values would resemble, by the module's duplicate rules; the likeliest first.
#[utoipa::path(post, path = "/api/v1/records/{module}/duplicates", tag = "records", operation_id = "records_duplicates_of_data",
    params(ModulePath), request_body = DuplicatesInput,
    responses((status = 200, description = "Records that the caller may read, each with its likeness in percent")))]
async fn of_data(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Json(input): Json<DuplicatesInput>,
) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let data = record::duplicates_of_data(&work, &module, input.data).await?;
    Ok(Json(json!({"data": data})))
}

/// Records that a record resembles, by the module's duplicate rules; the likeliest first.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/duplicates", tag = "records", operation_id = "records_duplicates",
    params(RecordPath), responses((status = 200, description = "Records that the caller may read, each with its likeness in percent")))]
async fn of_record(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let data = record::duplicates_of_record(&work, &module, RecordId(path.id)).await?;
    Ok(Json(json!({"data": data})))
}
