//! What the caller is told.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::comments::IdPath;
use crate::around::notice;
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::id::NotificationId;
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(read_all))
}

/// Query parameters of a list of notifications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoticeParams {
    /// Only those not yet read.
    #[serde(default)]
    unread: bool,
    /// `next` of an earlier answer.
    cursor: Option<Uuid>,
}

/// Lists the caller's notifications, newest first, and how many are unread (at most 100 are counted).
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications", operation_id = "notifications_list",
    params(NoticeParams), responses((status = 200, description = "Notifications and where to go on")))]
async fn list(caller: Caller, Query(params): Query<NoticeParams>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let page = notice::list(&work, params.cursor, params.unread).await?;
    let unread = notice::unread(&work).await?;
    Ok(Json(json!({"data": page.data, "next": page.next, "unread": unread})))
}

/// Marks a notification as read.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", tag = "notifications", operation_id = "notifications_read",
    params(IdPath), responses((status = 204, description = "It is read")))]
async fn read(caller: Caller, Path(path): Path<IdPath>) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    notice::read_one(&work, NotificationId(path.id)).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks all notifications as read.
#[utoipa::path(post, path = "/api/v1/notifications/read", tag = "notifications", operation_id = "notifications_read_all",
    responses((status = 204, description = "All are read")))]
async fn read_all(caller: Caller) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    notice::read(&work, None).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
