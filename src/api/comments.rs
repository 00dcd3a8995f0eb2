//! Comments of a record, and who follows it.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::activities::After;
use super::path::{RecordPath, module};
use crate::around::Listed;
use crate::around::comment::{self, Comment};
use crate::around::follow::{self, Followers};
use crate::http::{AppState, Caller, Json, Path, Problem, Query};
use crate::id::{CommentId, RecordId};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(edit, delete)).routes(routes!(
        followers,
        follow_record,
        unfollow_record
    ))
}

/// `…/{id}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct IdPath {
    /// The id.
    pub id: Uuid,
}

/// The words of a comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// Words; `@[user id]` mentions a member, who is told.
    body: String,
}

/// Lists the comments of a record, newest first.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/comments", tag = "comments", operation_id = "comments_list",
    params(RecordPath, After), responses((status = 200, description = "Comments and where to go on")))]
async fn list(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(after): Query<After>,
) -> Result<Json<Listed<Comment>>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(comment::list(&work, &module, RecordId(path.id), after.cursor).await?))
}

/// Comments on a record. Only members who may read the record can be mentioned.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/comments", tag = "comments", operation_id = "comments_add",
    params(RecordPath), request_body = CommentInput, responses((status = 201, description = "The comment")))]
async fn add(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Json(input): Json<CommentInput>,
) -> Result<(StatusCode, Json<Comment>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let added = comment::add(&work, &module, RecordId(path.id), &input.body).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Changes the words of one's own comment.
#[utoipa::path(patch, path = "/api/v1/comments/{id}", tag = "comments", operation_id = "comments_edit", params(IdPath),
    request_body = CommentInput, responses((status = 200, description = "The comment as it is now")))]
async fn edit(
    caller: Caller,
    Path(path): Path<IdPath>,
    Json(input): Json<CommentInput>,
) -> Result<Json<Comment>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let edited = comment::edit(&work, CommentId(path.id), &input.body).await?;
    work.commit().await?;
    Ok(Json(edited))
}

/// Deletes one's own comment; an owner of the workspace may delete any. Its place stays.
#[utoipa::path(delete, path = "/api/v1/comments/{id}", tag = "comments", operation_id = "comments_delete", params(IdPath),
    responses((status = 204, description = "Its words are gone")))]
async fn delete(caller: Caller, Path(path): Path<IdPath>) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    comment::delete(&work, CommentId(path.id)).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists who follows a record.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/followers", tag = "comments", operation_id = "followers_list",
    params(RecordPath), responses((status = 200, description = "Followers, and whether the caller is one")))]
async fn followers(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Followers>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(follow::list(&work, &module, RecordId(path.id)).await?))
}

/// Follows a record: the caller is told when somebody else changes it.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/followers", tag = "comments", operation_id = "followers_add",
    params(RecordPath), responses((status = 200, description = "Followers")))]
async fn follow_record(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Followers>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let followers = follow::follow(&work, &module, RecordId(path.id)).await?;
    work.commit().await?;
    Ok(Json(followers))
}

/// Follows a record no longer.
#[utoipa::path(delete, path = "/api/v1/records/{module}/{id}/followers", tag = "comments", operation_id = "followers_remove",
    params(RecordPath), responses((status = 200, description = "Followers")))]
async fn unfollow_record(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Followers>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let followers = follow::unfollow(&work, &module, RecordId(path.id)).await?;
    work.commit().await?;
    Ok(Json(followers))
}
