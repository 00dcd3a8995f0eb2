//! Extractors that refuse in the house's words: JSON and form bodies, query and path. `clippy.toml` fences the raw ones
//! of axum.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::json::{self, JsonError, push_segment};
use super::{Fault, Problem, ProblemType};
use crate::limits;

/// The longest pause within a body.
const IDLE: Duration = Duration::from_secs(15);

/// A JSON body, at most 1 MiB; also a JSON answer.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The query, taken apart; unknown parameters are refused where the type denies unknown fields.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// The variable parts of the path. What does not fit its type is not there (404).
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// A form's body. `Form<Vec<(String, String)>>` gives the pairs in their order.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_type(request.headers(), |essence| {
            essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
        })?;
        let body = read(request, limits::BODY_BYTES).await?;
        let value = json::parse(&body).map_err(|error| match error {
            JsonError::Syntax(message) => Problem::new(ProblemType::MalformedRequest)
                .with_detail(format!("The body is not JSON: {message}.")),
            JsonError::Refused(fault) => Problem::invalid(ProblemType::InvalidInput, vec![fault]),
        })?;
        if !value.is_object() {
            // Serde would read an array as the values of a type's keys in their order.
            let fault = Fault::at("", "type", "The body must be a JSON object.");
            return Err(Problem::invalid(ProblemType::InvalidInput, vec![fault]));
        }
        Ok(Self(typed(value)?))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        refuse_nul(query.as_bytes())?;
        let refuse = |error: serde_html_form::de::Error| {
            let text = format!("The query is not right: {error}.");
            Problem::new(ProblemType::MalformedRequest).with_detail(text)
        };
        serde_html_form::from_str(query).map(Self).map_err(refuse)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_type(request.headers(), |essence| essence == "application/x-www-form-urlencoded")?;
        let body = read(request, limits::BODY_BYTES).await?;
        refuse_nul(&body)?;
        let refuse = |error: serde_html_form::de::Error| {
            let text = format!("The form is not right: {error}.");
            Problem::new(ProblemType::MalformedRequest).with_detail(text)
        };
        serde_html_form::from_bytes(&body).map(Self).map_err(refuse)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found());
        }
        #[expect(clippy::disallowed_types, reason = "the house's own extractor is built on it")]
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::not_found())
    }
}

/// A body of at most `limit` bytes, none of whose pauses is too long.
pub async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(ProblemType::BodyTooLarge).with_detail(format!("A body may have at most {limit} bytes."))
    };
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|bytes: u64| bytes > limit as u64) {
        return Err(too_large());
    }
    let mut body: Body = request.into_body();
    let mut read = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(IDLE, body.frame()).await;
        let frame = frame.map_err(|_| Problem::new(ProblemType::RequestTimeout))?;
        let Some(frame) = frame else { return Ok(read.freeze()) };
        let cut = |error| Problem::new(ProblemType::MalformedRequest).caused_by(error);
        if let Ok(data) = frame.map_err(cut)?.into_data() {
            if read.len() + data.len() > limit {
                return Err(too_large());
            }
            read.extend_from_slice(&data);
        }
    }
}

fn expect_type(headers: &HeaderMap, accepts: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let essence = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase());
    match essence {
        Some(essence) if accepts(&essence) => Ok(()),
        _ => Err(Problem::new(ProblemType::UnsupportedMediaType)),
    }
}

/// PostgreSQL keeps no NUL, and no form has a use for it.
fn refuse_nul(urlencoded: &[u8]) -> Result<(), Problem> {
    let found = urlencoded.contains(&0) || urlencoded.windows(3).any(|three| three == b"%00");
    match found {
        true => Err(Problem::new(ProblemType::MalformedRequest)
            .with_detail("A text must not contain the character NUL.")),
        false => Ok(()),
    }
}

/// The value as the handler's type; the first fault by its pointer.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            match segment {
                Segment::Map { key } => push_segment(&mut pointer, key),
                Segment::Seq { index } => push_segment(&mut pointer, &index.to_string()),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let fault = fault(pointer, &error.inner().to_string());
        Problem::invalid(ProblemType::InvalidInput, vec![fault])
    })
}

/// Puts serde's sentence into the house's words.
fn fault(mut pointer: String, message: &str) -> Fault {
    let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    if let Some(field) = named("missing field `") {
        push_segment(&mut pointer, field);
        return Fault::at(pointer, "required", "This is missing.");
    }
    if let Some(field) = named("unknown field `") {
        let expected = message.split_once(", ").map_or("", |(_, expected)| expected);
        if !pointer.ends_with(&format!("/{field}")) {
            push_segment(&mut pointer, field);
        }
        return Fault::at(pointer, "unknown", format!("There is no such key here; {expected}."));
    }
    Fault::at(pointer, "type", format!("This is not of the right type: {message}."))
}
