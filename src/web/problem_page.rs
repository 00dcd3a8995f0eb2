//! What a problem's address says: the page of `docs/problems` about it, as text.

use axum::http::header;
use axum::response::IntoResponse;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::http::{Path, Problem};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/docs/problems"]
struct Pages;

/// `/problems/{slug}`
#[derive(Debug, Deserialize)]
pub(super) struct ProblemPath {
    slug: String,
}

/// `GET /problems/{slug}`: the address that every problem names as its type (RFC 9457 §3.1.1).
pub(super) async fn show(path: Path<ProblemPath>) -> Result<impl IntoResponse, Problem> {
    let page = Pages::get(&format!("{}.md", path.0.slug)).ok_or_else(Problem::not_found)?;
    let text = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
    Ok((text, page.data.into_owned()))
}
