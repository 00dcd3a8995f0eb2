//! Problems (RFC 9457): the one form in which anything that goes wrong leaves the house. Nothing else knows status
//! codes. A handler returns a [`Problem`]; it rides in the response's extensions until a page layer renders it as HTML
//! or [`render`] writes it as JSON and logs the chain of causes, once.

mod from;
mod render;
mod types;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub use render::render;
pub use types::ProblemType;

/// Something that went wrong, as the caller is told.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its type, which decides status and title.
    pub kind: ProblemType,
    /// What happened this time and what to do, in one or two sentences. Never shown for faults of ours.
    pub detail: Option<String>,
    /// Every fault of the request, all at once.
    pub errors: Vec<Fault>,
    /// The version that is there now, where a stale one was named.
    pub current_version: Option<i32>,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
    /// What caused it, for the log only.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where in the body, as a JSON pointer; empty means the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A stable word for programs: `required`, `format`, `length`…
    pub code: Cow<'static, str>,
    /// One sentence for people.
    pub message: String,
    /// What is there already, where that is what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<serde_json::Value>,
}

impl Fault {
    /// A fault in the body, at a JSON pointer such as `/data/email`.
    pub fn at(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { pointer: Some(pointer.into()), parameter: None, code, message, candidate: None }
    }

    /// A fault in a parameter of the query.
    pub fn in_query(
        parameter: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { pointer: None, parameter: Some(parameter.into()), code, message, candidate: None }
    }
}

impl Problem {
    /// A problem that its title alone explains.
    pub fn new(kind: ProblemType) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            current_version: None,
            retry_after: None,
            source: None,
        }
    }

    /// Not there, or not for the caller's eyes.
    pub fn not_found() -> Self {
        Self::new(ProblemType::NotFound)
    }

    /// A fault of ours; the caller learns the request id only.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ProblemType::Internal).caused_by(source)
    }

    /// Values that are not as they must be.
    pub fn invalid(kind: ProblemType, errors: Vec<Fault>) -> Self {
        Self { errors, ..Self::new(kind) }
    }

    /// The record has version `current` by now.
    pub fn stale(current: i32) -> Self {
        Self { current_version: Some(current), ..Self::new(ProblemType::StaleVersion) }
    }

    /// Says what happened this time.
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Says when it is worth trying again.
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// Keeps the cause for the log.
    pub fn caused_by(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(Arc::from(source.into())), ..self }
    }
}

impl IntoResponse for Problem {
    /// Status, headers and the problem itself as an extension; the body is written further out.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.kind == ProblemType::Unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
