//! Records by stage: a module's board, and a record's way through its pipeline.

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::{ModulePath, RecordPath, module};
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::id::RecordId;
use crate::record::{self, Board, Course, RawListQuery};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(board)).routes(routes!(stages))
}

/// Query parameters of a board.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardParams {
    /// The key of a pipeline; the default one where nothing is said.
    pipeline: Option<String>,
    /// A condition in the expression language.
    filter: Option<String>,
    /// Words to find.
    q: Option<String>,
    /// The key of a view, whose filter holds as well.
    view: Option<String>,
    /// 1 to 100 cards in each stage; 20 where nothing is said.
    limit: Option<String>,
}

/// The stages of a pipeline with what they hold: counts, sums of the pipeline's amount, and the newest records.
#[utoipa::path(get, path = "/api/v1/records/{module}/board", tag = "records", operation_id = "records_board",
    params(ModulePath, BoardParams), responses((status = 200, description = "Stages in order, with cards")))]
async fn board(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Query(params): Query<BoardParams>,
) -> Result<Json<Board>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let BoardParams { pipeline, filter, q, view, limit } = params;
    let raw = RawListQuery { filter, q, view, limit, ..RawListQuery::default() };
    Ok(Json(record::board(&work, &module, pipeline.as_deref(), &raw, caller.keys()).await?))
}

/// The way of a record through its stages, with the names they had then, and where it may go now.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/stages", tag = "records", operation_id = "records_stages",
    params(RecordPath), responses((status = 200, description = "Stays, the present one first, and possible moves")))]
async fn stages(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Course>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(record::course(&work, &module, RecordId(path.id)).await?))
}
