//! Activities of a record: calls, e-mails, meetings and notes, written once and never changed.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::path::{RecordPath, module};
use crate::around::Listed;
use crate::around::activity::{self, Activity, Kind, NewActivity};
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType, Query};
use crate::id::{ActivityId, RecordId};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add))
}

/// Where a page goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// `next` of an earlier answer.
    pub cursor: Option<Uuid>,
}

/// Something that happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityInput {
    /// `call`, `email`, `meeting` or `note`.
    kind: String,
    /// What it was about.
    subject: String,
    /// What was said.
    #[serde(default)]
    body: String,
    /// When it happened; now where nothing is said.
    at: Option<DateTime<Utc>>,
    /// How long it took.
    minutes: Option<i32>,
    /// Names or addresses of those who took part.
    #[serde(default)]
    participants: Vec<String>,
    /// The id of an activity of the same record that this one corrects.
    corrects: Option<Uuid>,
}

impl ActivityInput {
    fn checked(self) -> Result<NewActivity, Problem> {
        let kind = Kind::named(&self.kind).ok_or_else(|| {
            let fault = Fault::at("/kind", "option", "Choose call, email, meeting or note.");
            Problem::invalid(ProblemType::InvalidInput, vec![fault])
        })?;
        Ok(NewActivity {
            kind,
            subject: self.subject,
            body: self.body,
            at: self.at,
            minutes: self.minutes,
            participants: self.participants,
            corrects: self.corrects.map(ActivityId),
        })
    }
}

/// Lists the activities of a record, latest first.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/activities", tag = "activities", operation_id = "activities_list",
    params(RecordPath, After), responses((status = 200, description = "Activities and where to go on")))]
async fn list(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(after): Query<After>,
) -> Result<Json<Listed<Activity>>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(activity::list(&work, &module, RecordId(path.id), after.cursor).await?))
}

/// Writes an activity down. It cannot be changed; a correction is an activity of its own that names it.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/activities", tag = "activities", operation_id = "activities_add",
    params(RecordPath), request_body = ActivityInput, responses((status = 201, description = "The activity")))]
async fn add(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Json(input): Json<ActivityInput>,
) -> Result<(StatusCode, Json<Activity>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    crate::record::assert_readable(&work, &module, RecordId(path.id)).await?;
    let added = activity::add(&work, &module, RecordId(path.id), input.checked()?).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}
