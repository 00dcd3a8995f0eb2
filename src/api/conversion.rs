//! A field that gets another type.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::modules::FieldFace;
use super::options::FieldPath;
use super::path::module;
use crate::customize::conversion;
use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::record::convert::{Failures, permit};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(convert))
}

/// What is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversion {
    /// The new type and its options.
    to: Value,
    /// Tell only what would become of the values.
    #[serde(default = "yes")]
    dry_run: bool,
    /// What to do with values that the new type does not have.
    #[serde(default)]
    failures: Failures,
}

fn yes() -> bool {
    true
}

/// Gives a field another type. A dry run, which it is unless `dry_run` is false, tells how many values stay whole, lose
/// something or cannot be converted, with samples. The conversion itself happens whole or not at all; the old values
/// stay in the history of their records.
#[utoipa::path(post, path = "/api/v1/modules/{module}/fields/{field}/conversion", tag = "modules",
    operation_id = "fields_convert", params(FieldPath),
    request_body(content = Object, description = "to: the new type and its options; dry_run; failures: refuse or empty"),
    responses((status = 200, description = "The report, and the field as it is or would be")))]
async fn convert(
    caller: Caller,
    Path(path): Path<FieldPath>,
    Json(wanted): Json<Conversion>,
) -> Result<Json<Value>, Problem> {
    let intent = if wanted.dry_run { Intent::Read } else { Intent::ChangeSchema };
    let mut work = caller.begin(intent).await?;
    let module = module(&work, &path.module)?;
    let stored = module.field(&path.field).ok_or_else(Problem::not_found)?;
    permit(&work, &module)?;
    let planned = conversion::planned(&work, &module, stored, &wanted.to)?;
    if wanted.dry_run {
        let report = conversion::report(&work, &module, stored, &planned).await?;
        return Ok(Json(json!({"dry_run": true, "report": report, "field": planned})));
    }
    let (field, report) = conversion::run(&mut work, &module, stored, planned, wanted.failures).await?;
    work.commit().await?;
    Ok(Json(json!({"dry_run": false, "report": report, "field": FieldFace::of(&field)})))
}
