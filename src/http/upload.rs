//! Uploads: bodies that go to the file store piece by piece and are counted on the way, never held whole.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::Frame;
use http_body_util::StreamBody;
use percent_encoding::percent_decode_str;
use tokio::io::AsyncReadExt;

use super::{Caller, Problem, ProblemType};
use crate::blob::{BlobError, Staged};
use crate::limits;

/// The longest pause within a body.
const IDLE: Duration = Duration::from_secs(15);
/// Bytes that are read from a file at once.
const PIECE: usize = 64 * 1024;
/// Bytes of a form besides its files.
const FORM: u64 = 64 * 1024;

/// A file that has arrived, with the name that the sender gave.
pub struct Arrived {
    /// As it was sent; it is cleaned where it is kept.
    pub name: String,
    /// Its contents.
    pub staged: Staged,
}

/// The body of a request as one file. Its name is that of `Content-Disposition`, if there is one.
pub async fn body(caller: &Caller, request: Request) -> Result<Arrived, Problem> {
    let name = filename(request.headers());
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|bytes| bytes > caller.file_bytes()) {
        return Err(too_large(caller));
    }
    let staged = receive(caller, request.into_body().into_data_stream()).await?;
    if staged.size == 0 {
        let text = "The body is empty; send the contents of the file.";
        return Err(Problem::new(ProblemType::MalformedRequest).with_detail(text));
    }
    Ok(Arrived { name, staged })
}

/// The files of a form (`multipart/form-data`). Inputs that were left empty send none.
pub async fn form(caller: &Caller, request: Request) -> Result<Vec<Arrived>, Problem> {
    let text = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = text.and_then(|text| multer::parse_boundary(text).ok());
    let boundary = boundary.ok_or_else(|| Problem::new(ProblemType::UnsupportedMediaType))?;
    let most = caller.file_bytes().saturating_mul(limits::FILES_PER_FIELD as u64).saturating_add(FORM);
    let limits = multer::SizeLimit::new().whole_stream(most);
    let constraints = multer::Constraints::new().size_limit(limits);
    let stream = request.into_body().into_data_stream();
    let mut parts = multer::Multipart::with_constraints(stream, boundary, constraints);
    let mut arrived = Vec::new();
    while let Some(part) =
        tokio::time::timeout(IDLE, parts.next_field()).await.map_err(|_| late())?.map_err(cut)?
    {
        let Some(name) = part.file_name().filter(|name| !name.is_empty()).map(str::to_owned) else {
            continue;
        };
        if arrived.len() == limits::FILES_PER_FIELD {
            return Err(too_large(caller));
        }
        arrived.push(Arrived { name, staged: receive(caller, part).await? });
    }
    Ok(arrived)
}

/// Takes bytes in until there are no more, or too many.
async fn receive<E>(caller: &Caller, stream: impl Stream<Item = Result<Bytes, E>>) -> Result<Staged, Problem>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let mut stream = std::pin::pin!(stream);
    let mut staging = caller.files().stage().await?;
    loop {
        let piece = tokio::time::timeout(IDLE, stream.next()).await.map_err(|_| late())?;
        let Some(piece) = piece else { return Ok(staging.finish().await?) };
        let piece = piece.map_err(cut)?;
        if staging.size() + piece.len() as u64 > caller.file_bytes() {
            return Err(too_large(caller));
        }
        staging.write(&piece).await?;
    }
}

fn late() -> Problem {
    Problem::new(ProblemType::RequestTimeout)
}

fn cut(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(ProblemType::MalformedRequest).caused_by(error)
}

fn too_large(caller: &Caller) -> Problem {
    let text = format!("A file may have at most {} bytes.", caller.file_bytes());
    Problem::new(ProblemType::BodyTooLarge).with_detail(text)
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        Self::new(ProblemType::Unavailable)
            .with_detail("The file could not be kept or read. Try again; tell your operator if it stays so.")
            .caused_by(error)
    }
}

/// The name in `Content-Disposition`: `filename*` before `filename`.
fn filename(headers: &HeaderMap) -> String {
    let Some(text) = headers.get(CONTENT_DISPOSITION) else { return String::new() };
    let text = String::from_utf8_lossy(text.as_bytes()).into_owned();
    let parameter = |name: &str| {
        let found = text.split(';').skip(1).filter_map(|part| part.split_once('='));
        let value = found.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let extended = parameter("filename*").and_then(|value| {
        let (_, encoded) = value.split_once("''")?;
        Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned())
    });
    extended.or_else(|| parameter("filename")).unwrap_or_default()
}

/// A file as an answer: never run, never guessed at. `inline` only for images that cannot carry scripts.
pub fn answer(content: tokio::fs::File, size: i64, media_type: &str, disposition: &str) -> Response {
    let pieces = futures_util::stream::try_unfold(content, async |mut content| {
        let mut piece = bytes::BytesMut::with_capacity(PIECE);
        let read = content.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Frame::data(piece.freeze()), content)))
    });
    let mut response = Body::new(StreamBody::new(Box::pin(pieces))).into_response();
    let headers = response.headers_mut();
    let text = |text: &str| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(CONTENT_TYPE, text(media_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(CONTENT_DISPOSITION, text(disposition));
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(axum::http::header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(axum::http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_read_in_both_forms() {
        let named = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(text));
            filename(&headers)
        };
        assert_eq!(named("attachment; filename=\"scan 1.pdf\""), "scan 1.pdf");
        assert_eq!(
            named("attachment; filename=\"x.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf"),
            "Gr\u{fc}\u{df}e.pdf"
        );
        assert_eq!(named("attachment"), "");
        assert_eq!(named("attachment; filename*=nonsense"), "");
        assert_eq!(filename(&HeaderMap::new()), "");
    }
}
