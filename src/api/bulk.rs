//! The same thing done to many records: at once, with a result for each, or as a job.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::path::{ModulePath, module};
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType};
use crate::id::RecordId;
use crate::job::{self, Kind, NewJob};
use crate::limits;
use crate::record::bulk::{self, Action, Item, ItemResult, Order, Place};
use crate::work::{Intent, Work};

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(write))
}

/// What is to be done to which records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInput {
    /// `create`, `update`, `delete`, `restore`, `stage` or `assign`.
    #[schema(value_type = String)]
    action: Action,
    /// The records: `id`, `version` (any where it is not given), `data`, `owner`, `pipeline`, `stage`, `reason`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    items: Vec<Item>,
    /// Instead of items: all readable records that this condition holds for.
    #[serde(default)]
    filter: Option<String>,
    /// What all of them have in common: `data`, `owner`, `pipeline`, `stage`, `reason`.
    #[serde(default)]
    #[schema(value_type = Object)]
    patch: Item,
    /// Whether new records may resemble others, where the module's rules only warn of that.
    #[serde(default)]
    allow_duplicates: bool,
}

impl BulkInput {
    fn order(self) -> Result<Order, Problem> {
        let fault = match (&self.filter, self.items.is_empty(), self.action) {
            (Some(_), _, Action::Create) => Some(("/filter", "New records are given as items.")),
            (Some(_), false, _) => Some(("/filter", "Give either items or a filter.")),
            (None, true, _) => Some(("/items", "Give items, or a filter.")),
            _ => None,
        };
        if let Some((at, message)) = fault {
            return Err(Problem::invalid(
                ProblemType::InvalidInput,
                vec![Fault::at(at, "required", message)],
            ));
        }
        if self.items.len() > limits::BULK_ITEMS {
            let text = format!("A request names at most {} records.", limits::BULK_ITEMS);
            return Err(Problem::new(ProblemType::LimitReached).with_detail(text));
        }
        let BulkInput { action, items, filter, patch, allow_duplicates } = self;
        Ok(Order { action, items, filter, patch, allow_duplicates, until: RecordId::new() })
    }
}

/// Does the same to many records, each by itself: what is refused of one is not refused of the others. Up to 500 are done
/// at once; more become a job.
#[utoipa::path(post, path = "/api/v1/records/{module}/bulk", tag = "records", operation_id = "records_bulk", params(ModulePath),
    request_body = BulkInput,
    responses((status = 200, description = "A result for each record, in the order of the items"),
        (status = 202, description = "The job, with its address in Location")))]
async fn write(
    caller: Caller,
    Path(path): Path<ModulePath>,
    Json(input): Json<BulkInput>,
) -> Result<Response, Problem> {
    let order = input.order()?;
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    bulk::permit(&work, &module, order.action)?;
    let limit = limits::BULK_INLINE;
    let (items, _) =
        bulk::next(&work, &module, &order, Place::default(), limit + 1).await.map_err(at_filter)?;
    if items.len() > limit {
        let total = bulk::total(&work, &module, &order).await?;
        return queue(&caller, work, json!({"module": module.key(), "order": order}), total).await;
    }
    let action = order.action;
    let results = bulk::apply(&work, &module, &order, items).await?;
    work.commit().await?;
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    let faces: Vec<Value> = (0..).zip(results).map(|(index, result)| face(action, index, result)).collect();
    Ok(Json(json!({"succeeded": faces.len() - failed, "failed": failed, "results": faces})).into_response())
}

/// The filter stands in the body here, not in the query.
fn at_filter(error: crate::record::Error) -> Problem {
    let mut problem = Problem::from(error);
    for fault in &mut problem.errors {
        if let Some(parameter) = fault.parameter.take() {
            fault.pointer = Some(format!("/{parameter}"));
        }
    }
    problem
}

async fn queue(caller: &Caller, work: Work, payload: Value, total: i64) -> Result<Response, Problem> {
    let new = NewJob { kind: Kind::Bulk, payload, total: Some(total), dedupe_key: None };
    let job = job::enqueue(&work, &new).await?.ok_or_else(|| Problem::internal("a job was not queued"))?;
    work.commit().await?;
    let location = format!("{}/api/v1/jobs/{}", caller.base(), job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(job)).into_response())
}

fn face(action: Action, index: usize, (id, result): ItemResult) -> Value {
    match result {
        Ok(written) => {
            let status = match action {
                Action::Create => StatusCode::CREATED,
                Action::Delete => StatusCode::NO_CONTENT,
                _ => StatusCode::OK,
            };
            let status = status.as_u16();
            json!({"index": index, "id": written.id, "status": status, "version": written.version})
        }
        Err(error) => {
            let problem = Problem::from(error);
            let status = problem.kind.status().as_u16();
            json!({"index": index, "id": id, "status": status, "problem": problem.to_json()})
        }
    }
}
