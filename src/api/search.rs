//! One search over all modules.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{AppState, Caller, Json, Problem, Query};
use crate::id::RecordId;
use crate::limits;
use crate::record::{self, Count, FoundIn, Record};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Query parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Words to find, 1 to 200 characters.
    q: String,
    /// Records of each module, 1 to 20; 5 where nothing is said.
    limit: Option<usize>,
}

/// What was found in a module.
#[derive(Debug, Serialize)]
pub struct Group {
    module: String,
    count: Count,
    records: Vec<Hit>,
}

/// A record that was found.
#[derive(Debug, Serialize)]
pub struct Hit {
    id: RecordId,
    title: String,
    stage: Option<String>,
    updated_at: DateTime<Utc>,
}

impl Group {
    fn of(found: FoundIn) -> Self {
        let hit = |record: Record| Hit {
            id: record.id,
            title: record.title,
            stage: record.stage,
            updated_at: record.updated_at,
        };
        let records = found.records.into_iter().map(hit).collect();
        Self { module: found.module, count: found.count, records }
    }
}

/// The groups of an answer.
#[derive(Debug, Serialize)]
pub struct Groups {
    data: Vec<Group>,
}

/// Searches every module that the caller may read. The module with the best match comes first; in it titles that begin
/// with the words, then titles of which a word does, then the rest, what was changed last before what was not.
#[utoipa::path(get, path = "/api/v1/search", tag = "records", operation_id = "search", params(SearchParams),
    responses((status = 200, description = "Records by module; counts stop at 1,000")))]
async fn search(caller: Caller, Query(params): Query<SearchParams>) -> Result<Json<Groups>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let limit = params.limit.unwrap_or(5).clamp(1, limits::FOUND_PER_MODULE);
    let found = record::search(&work, &params.q, limit).await?;
    Ok(Json(Groups { data: found.into_iter().map(Group::of).collect() }))
}
