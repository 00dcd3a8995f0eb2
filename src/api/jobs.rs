//! Jobs: what is done in the background, how far it has come, and what came of it.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::Capability;
use crate::http::{AppState, Caller, Json, Path, Problem, ProblemType, Query};
use crate::id::JobId;
use crate::job::{self, Job, Whose};
use crate::work::{Intent, Work};

/// Jobs of one page.
const PAGE: i64 = 50;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// `…/jobs/{id}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct JobPath {
    /// The job's id.
    id: Uuid,
}

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JobParams {
    /// `next` of an earlier answer.
    cursor: Option<Uuid>,
}

/// A page of jobs.
#[derive(Debug, Serialize)]
pub struct JobPage {
    data: Vec<Job>,
    next: Option<JobId>,
}

/// Who may not see everybody's jobs sees their own.
fn whose(work: &Work) -> Whose {
    match work.actor.can(Capability::ManageJobs) {
        true => Whose::All,
        false => Whose::Own(work.actor.user),
    }
}

/// Lists the caller's jobs, newest first; everybody's for who may manage them.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", operation_id = "jobs_list", params(JobParams),
    responses((status = 200, description = "Jobs and where to go on")))]
async fn list(caller: Caller, Query(params): Query<JobParams>) -> Result<Json<JobPage>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let mut data = job::list(&work.tx, whose(&work), params.cursor, PAGE + 1).await?;
    let more = data.len() as i64 > PAGE;
    data.truncate(PAGE as usize);
    let next = data.last().filter(|_| more).map(|job| job.id);
    Ok(Json(JobPage { data, next }))
}

/// Gets one job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", operation_id = "jobs_get", params(JobPath),
    responses((status = 200, description = "The job with its progress and what came of it so far")))]
async fn get(caller: Caller, Path(path): Path<JobPath>) -> Result<Json<Job>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    find(&work, JobId(path.id)).await.map(Json)
}

/// Calls a job off. What its finished steps wrote stays.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", operation_id = "jobs_cancel", params(JobPath),
    responses((status = 200, description = "The job, cancelled")))]
async fn cancel(caller: Caller, Path(path): Path<JobPath>) -> Result<(StatusCode, Json<Job>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let job = find(&work, JobId(path.id)).await?;
    if !job::cancel(&work.tx, job.id, work.clock.now()).await? {
        return Err(Problem::new(ProblemType::Conflict).with_detail("The job has ended already."));
    }
    answer(work, job.id).await
}

/// Has a job that failed or was cancelled go on where it stopped.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", operation_id = "jobs_retry", params(JobPath),
    responses((status = 200, description = "The job, ready again")))]
async fn retry(caller: Caller, Path(path): Path<JobPath>) -> Result<(StatusCode, Json<Job>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let job = find(&work, JobId(path.id)).await?;
    if !job::retry(&work.tx, job.id, work.clock.now()).await? {
        return Err(Problem::new(ProblemType::Conflict)
            .with_detail("Only a job that failed or was cancelled can be tried again."));
    }
    answer(work, job.id).await
}

async fn find(work: &Work, id: JobId) -> Result<Job, Problem> {
    job::find(&work.tx, whose(work), id).await?.ok_or_else(Problem::not_found)
}

async fn answer(work: Work, id: JobId) -> Result<(StatusCode, Json<Job>), Problem> {
    let job = find(&work, id).await?;
    work.commit().await?;
    Ok((StatusCode::OK, Json(job)))
}
