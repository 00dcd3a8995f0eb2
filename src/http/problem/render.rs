//! Writes problems as JSON, with the request's id, and logs the faults of ours.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use super::{Fault, Problem};
use crate::http::layers::RequestId;

/// The body of a problem as RFC 9457 has it.
#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<i32>,
}

/// The layer that writes the problem that a response carries, unless a page layer has rendered it as HTML already.
pub async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Arc<Problem>>().cloned() else {
        return response;
    };
    log(&problem, &id);
    if !response.headers().contains_key(header::CONTENT_TYPE) {
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(problem.body(&id));
    }
    response
}

impl Problem {
    /// The JSON body; a fault of ours says nothing but the request's id.
    pub(in crate::http) fn body(&self, id: &RequestId) -> String {
        serde_json::to_string(&self.face(Some(&id.0))).unwrap_or_default()
    }

    /// The problem as part of a larger answer, or to be kept.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.face(None)).unwrap_or_default()
    }

    fn face<'p>(&'p self, instance: Option<&'p str>) -> ProblemBody<'p> {
        let ours = self.kind.status() == StatusCode::INTERNAL_SERVER_ERROR;
        ProblemBody {
            r#type: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.as_deref().filter(|_| !ours),
            instance,
            errors: &self.errors,
            current_version: self.current_version,
        }
    }
}

fn log(problem: &Problem, id: &RequestId) {
    if problem.kind.status().is_server_error() {
        let kind = problem.kind.slug();
        let cause = problem.source.as_deref().map(chain).unwrap_or_default();
        tracing::error!(request.id = %id.0, problem = kind, cause, "the request {} failed", id.0);
    }
}

/// The causes, outermost first. Of what PostgreSQL says only code and message are kept: its detail quotes values.
fn chain(outermost: &(dyn Error + Send + Sync + 'static)) -> String {
    let mut text = String::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(outermost);
    while let Some(error) = next {
        let separator = if text.is_empty() { "" } else { ": " };
        let written = match error.downcast_ref::<tokio_postgres::error::DbError>() {
            Some(refusal) => {
                write!(text, "{separator}{} (SQLSTATE {})", refusal.message(), refusal.code().code())
            }
            None if error.is::<tokio_postgres::Error>() && error.source().is_some() => Ok(()),
            None => write!(text, "{separator}{error}"),
        };
        if written.is_err() {
            break;
        }
        next = error.source();
    }
    text
}
