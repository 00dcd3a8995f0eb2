//! Files that a person has uploaded and that no record refers to yet, and downloads.

use axum::extract::Request;
use axum::response::{Redirect, Response};
use serde_json::json;

use super::around::{IdPath, fault};
use super::input::{Parameters, text};
use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::around::file;
use crate::http::{Caller, Path, Problem, upload};
use crate::id::FileId;
use crate::view;
use crate::work::Intent;

/// `GET /files`
pub(super) async fn list(caller: Caller) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let files = file::unused(&place.work).await?;
    let rows: Vec<_> = files.iter().map(|face| view::file_row(place.view(), face)).collect();
    let context = json!({"rows": rows, "add_href": place.links.files()});
    Page::new("files", "Uploaded files", place.frame(Standing::Elsewhere), context)
}

/// `POST /files`
pub(super) async fn add(caller: Caller, request: Request) -> Result<Redirect, Problem> {
    drop(Place::open(&caller, Intent::Read).await?);
    let arrived = upload::form(&caller, request).await?;
    if arrived.is_empty() {
        return Err(fault("/file", "Choose a file first."));
    }
    let place = Place::open(&caller, Intent::Write).await?;
    for one in arrived {
        file::keep(&place.work, caller.files(), one.staged, &one.name).await?;
    }
    let target = place.links.files();
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}

/// `GET /files/{id}?inline=`
pub(super) async fn download(
    caller: Caller,
    path: Path<IdPath>,
    query: Parameters,
) -> Result<Response, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let opened = file::open(&work, caller.files(), FileId(path.0.id)).await?;
    let (media_type, disposition) = opened.served(text(&query.0, "inline") == "1");
    let (media_type, size) = (media_type.to_owned(), opened.face.size);
    Ok(upload::answer(opened.content, size, &media_type, &disposition))
}
