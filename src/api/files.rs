//! Uploaded files, and those attached to a record.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::comments::IdPath;
use super::path::{RecordPath, module};
use crate::around::file;
use crate::http::{AppState, Caller, Fault, Json, Path, Problem, ProblemType, Query, upload};
use crate::id::{FileId, RecordId};
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload_file, unused))
        .routes(routes!(download))
        .routes(routes!(attached, attach, detach))
}

/// Query parameters of a download.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadParams {
    /// `1` shows a PNG, JPEG, GIF or WebP image instead of offering it to be saved.
    inline: Option<u8>,
}

/// Query parameters of a detachment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileParam {
    /// The file's id.
    file: Option<Uuid>,
}

/// Files to attach.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesInput {
    /// Ids of uploaded files.
    files: Vec<Uuid>,
}

/// Uploads a file: the body is its contents, `Content-Disposition: attachment; filename="…"` its name. It belongs to a
/// record once one refers to it; a file that no record wants is forgotten after a day. With an `Idempotency-Key` it may
/// be no larger than other bodies.
#[utoipa::path(post, path = "/api/v1/files", tag = "files", operation_id = "files_upload",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The file: id, name, media_type, size")))]
async fn upload_file(caller: Caller, request: Request) -> Result<Response, Problem> {
    // Who may not enter sends nothing in.
    caller.begin(Intent::Read).await?;
    let arrived = upload::body(&caller, request).await?;
    let work = caller.begin(Intent::Write).await?;
    let face = file::keep(&work, caller.files(), arrived.staged, &arrived.name).await?;
    work.commit().await?;
    let location = format!("{}/api/v1/files/{}", caller.base(), face.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(face)).into_response())
}

/// Lists files that the caller has uploaded and that no record refers to yet.
#[utoipa::path(get, path = "/api/v1/files", tag = "files", operation_id = "files_unused",
    responses((status = 200, description = "Files, newest first")))]
async fn unused(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": file::unused(&work).await?})))
}

/// Downloads a file. Who may read a record that refers to it may; until there is one, who uploaded it.
#[utoipa::path(get, path = "/api/v1/files/{id}", tag = "files", operation_id = "files_download",
    params(IdPath, DownloadParams), responses((status = 200, description = "The contents, as an attachment")))]
async fn download(
    caller: Caller,
    Path(path): Path<IdPath>,
    Query(params): Query<DownloadParams>,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let opened = file::open(&work, caller.files(), FileId(path.id)).await?;
    let (media_type, disposition) = opened.served(params.inline == Some(1));
    let (media_type, size) = (media_type.to_owned(), opened.face.size);
    Ok(upload::answer(opened.content, size, &media_type, &disposition))
}

/// Lists the files attached to a record.
#[utoipa::path(get, path = "/api/v1/records/{module}/{id}/files", tag = "files", operation_id = "files_attached",
    params(RecordPath), responses((status = 200, description = "Files in the order in which they were attached")))]
async fn attached(caller: Caller, Path(path): Path<RecordPath>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let module = module(&work, &path.module)?;
    Ok(Json(json!({"data": file::attached(&work, &module, RecordId(path.id)).await?})))
}

/// Attaches uploaded files to a record.
#[utoipa::path(post, path = "/api/v1/records/{module}/{id}/files", tag = "files", operation_id = "files_attach",
    params(RecordPath), request_body = FilesInput, responses((status = 200, description = "All files attached to it")))]
async fn attach(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Json(input): Json<FilesInput>,
) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    let files: Vec<FileId> = input.files.into_iter().map(FileId).collect();
    let attached = file::attach(&work, &module, RecordId(path.id), &files).await?;
    work.commit().await?;
    Ok(Json(json!({"data": attached})))
}

/// Takes a file from the attachments of a record.
#[utoipa::path(delete, path = "/api/v1/records/{module}/{id}/files", tag = "files", operation_id = "files_detach",
    params(RecordPath, FileParam), responses((status = 204, description = "It is attached no more")))]
async fn detach(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Query(params): Query<FileParam>,
) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let module = module(&work, &path.module)?;
    file::assert_attachable(&work, &module, RecordId(path.id)).await?;
    let id = params.file.ok_or_else(|| {
        let fault = Fault::in_query("file", "required", "Say which file.");
        Problem::invalid(ProblemType::InvalidQuery, vec![fault])
    })?;
    file::detach(&work, &module, RecordId(path.id), FileId(id)).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
