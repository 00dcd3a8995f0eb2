//! Groups of records and what is counted of them.

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::{ModulePath, module};
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::record::{self, AggregateQuery, Aggregates, RawAggregateQuery};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(aggregate))
}

/// Query parameters of an aggregation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AggregateParams {
    /// A condition in the expression language, such as `status == "open" and amount > 1000`.
    filter: Option<String>,
    /// The key of a view, whose filter holds as well.
    view: Option<String>,
    /// Up to two fields; dates by `day`, `week`, `month`, `quarter` or `year`: `stage,close_date:month`.
    group_by: Option<String>,
    /// Up to ten of `count`, `sum:amount`, `avg:…`, `min:…`, `max:…`, `filled:…` (percent); `count` where nothing is said.
    measure: Option<String>,
}

/// Groups records that the caller may read, and counts or sums them up; 500 groups at most.
#[utoipa::path(get, path = "/api/v1/records/{module}/aggregate", tag = "records", operation_id = "records_aggregate",
    params(ModulePath, AggregateParams), responses((status = 200, description = "Groups with their results")))]
async fn aggregate(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Query(params): Query<AggregateParams>,
) -> Result<Json<Aggregates>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    let raw = RawAggregateQuery {
        filter: params.filter,
        view: params.view,
        group_by: params.group_by,
        measure: params.measure,
    };
    let query = AggregateQuery::parse(&work, &module, &raw).map_err(record::Error::from)?;
    Ok(Json(record::aggregate(&work, &module, &query).await?))
}
