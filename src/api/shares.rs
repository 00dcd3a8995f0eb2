//! Single records opened to people, teams and roles.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::path::{RecordPath, module};
use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::id::RecordId;
use crate::record::{Grantee, Level, ShareFace, add_share, remove_share, shares};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// `…/{module}/{id}/shares/{share}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SharePath {
    /// The module's key.
    module: String,
    /// The record's id.
    id: Uuid,
    /// The share's id.
    share: Uuid,
}

/// A new share.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareInput {
    /// `{"user": id}`, `{"team": key}` or `{"role": key}`.
    #[schema(value_type = Object)]
    with: Grantee,
    /// `read` or `update`.
    #[serde(default)]
    #[schema(value_type = String)]
    level: Level,
}

/// Whom a record is opened to. Takes the verb share.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/shares", tag = "records", operation_id = "shares_list",
    params(RecordPath), responses((status = 200, description = "Shares, oldest first")))]
async fn list(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(json!({"data": shares(&work, &module, RecordId(path.id)).await?})))
}

/// Opens a record to a person, a team or a role, or changes how far. Takes the verb share, and for `update` that too.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/shares", tag = "records", operation_id = "shares_add",
    params(RecordPath), request_body = ShareInput, responses((status = 201, description = "The share")))]
async fn add(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Json(input): Json<ShareInput>,
) -> Result<(StatusCode, Json<ShareFace>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let share = add_share(&work, &module, RecordId(path.id), (input.with, input.level)).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(share)))
}

/// Closes a record to whom it was opened. Takes the verb share.
#[utoipa::path(delete, path = "/api/v1/records/{module}/{id}/shares/{share}", tag = "records", operation_id = "shares_remove",
    params(SharePath), responses((status = 204, description = "It is closed")))]
async fn remove(caller: Caller, Path(path): Path<SharePath>) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    remove_share(&work, &module, RecordId(path.id), path.share).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
