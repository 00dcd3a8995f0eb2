//! Tasks: the caller's own, and those of a record.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::activities::After;
use super::comments::IdPath;
use super::etag;
use super::path::{RecordPath, module};
use crate::around::Listed;
use crate::around::task::{self, Priority, Task, TaskInput, Which};
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType, Query};
use crate::id::{RecordId, TaskId, UserId};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, update)).routes(routes!(of_record))
}

/// Query parameters of a list of tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskParams {
    /// `mine` (the default), `given`, `overdue` or `done`.
    which: Option<String>,
    /// `next` of an earlier answer.
    cursor: Option<Uuid>,
}

/// A new task, or a change of one: what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskBody {
    /// What is to be done.
    title: Option<String>,
    /// More about it.
    body: Option<String>,
    /// `low`, `normal` or `high`.
    priority: Option<String>,
    /// Until when; null for no time.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<Option<DateTime<Utc>>>,
    /// When the assignee is reminded; null for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    reminder_at: Option<Option<DateTime<Utc>>>,
    /// A member's id; the caller where nobody is named.
    assignee: Option<Uuid>,
    /// The id of the record that a new task belongs to.
    record: Option<Uuid>,
    /// Whether it is done.
    done: Option<bool>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl TaskBody {
    fn checked(self) -> Result<TaskInput, Problem> {
        let refused = || {
            let fault = Fault::at("/priority", "option", "Choose low, normal or high.");
            Problem::invalid(ProblemType::InvalidInput, vec![fault])
        };
        let priority = self.priority.map(|word| Priority::named(&word).ok_or_else(refused)).transpose()?;
        Ok(TaskInput {
            title: self.title,
            body: self.body,
            priority,
            due_at: self.due_at,
            reminder_at: self.reminder_at,
            assignee: self.assignee.map(UserId),
            record: self.record.map(RecordId),
            done: self.done,
        })
    }
}

/// Lists the caller's tasks, the most urgent first.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", operation_id = "tasks_list", params(TaskParams),
    responses((status = 200, description = "Tasks and where to go on")))]
async fn list(caller: Caller, Query(params): Query<TaskParams>) -> Result<Json<Listed<Task>>, Problem> {
    let which = match params.which.as_deref() {
        None => Which::default(),
        Some(word) => Which::named(word).ok_or_else(|| {
            let fault = Fault::in_query("which", "option", "Choose mine, given, overdue or done.");
            Problem::invalid(ProblemType::InvalidQuery, vec![fault])
        })?,
    };
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(task::list(&work, which, params.cursor).await?))
}

/// Makes a task, for the caller or for another member, who is told.
#[utoipa::path(post, path = "/api/v1/tasks", tag = "tasks", operation_id = "tasks_add", request_body = TaskBody,
    responses((status = 201, description = "The task, with its version in ETag")))]
async fn add(caller: Caller, Json(input): Json<TaskBody>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let added = task::add(&work, input.checked()?).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, with_etag(added)).into_response())
}

/// Gets a task that is the caller's, given by the caller, or of a record that the caller may read.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "tasks_get", params(IdPath),
    responses((status = 200, description = "The task, with its version in ETag")))]
async fn get(caller: Caller, Path(path): Path<IdPath>) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(with_etag(task::get(&work, TaskId(path.id)).await?))
}

/// Changes a task. `If-Match` with its version is required.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "tasks_update", params(IdPath),
    request_body(content = TaskBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The task as it is now")))]
async fn update(
    caller: Caller,
    Path(path): Path<IdPath>,
    headers: HeaderMap,
    Json(input): Json<TaskBody>,
) -> Result<Response, Problem> {
    let expected = etag::required(&headers)?;
    let input = input.checked()?;
    if input.record.is_some() {
        let fault = Fault::at("/record", "read_only", "A task stays with its record.");
        return Err(Problem::invalid(ProblemType::InvalidInput, vec![fault]));
    }
    let work = caller.begin(Intent::Write).await?;
    let updated = task::update(&work, TaskId(path.id), expected, input).await?;
    work.commit().await?;
    Ok(with_etag(updated))
}

/// Lists the tasks of a record, open ones first.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/tasks", tag = "tasks", operation_id = "tasks_of_record",
    params(RecordPath, After), responses((status = 200, description = "Tasks and where to go on")))]
async fn of_record(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(after): Query<After>,
) -> Result<Json<Listed<Task>>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(task::of_record(&work, &module, RecordId(path.id), after.cursor).await?))
}

fn with_etag(task: Task) -> Response {
    ([(header::ETAG, etag::of(task.version))], Json(task)).into_response()
}
