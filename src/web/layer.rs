//! The one layer that renders: pages and problems, whole or as a region, after the transaction has ended.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, REFERER, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::input::{HX_REQUEST, Partial};
use super::page::{Frame, Page};
use super::registry::render;
use crate::http::layers::RequestId;
use crate::http::{Address, Problem, ProblemType};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const LIVE: HeaderName = HeaderName::from_static("trellis-live");

/// What the layer must know of a request once it is gone.
struct Asked {
    partial: bool,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    base: Arc<str>,
    id: String,
}

/// Renders what handlers below it answered with. It goes around [`crate::http::layers::inner`].
pub async fn layer(request: Request, next: Next) -> Response {
    if !is_for_pages(&request) {
        return next.run(request).await;
    }
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    let page = response.extensions().get::<Arc<Page>>().cloned();
    let problem = response.extensions().get::<Arc<Problem>>().cloned();
    match (page, problem) {
        (Some(page), _) => asked.page(&page, response),
        (None, Some(problem)) => asked.problem(&problem, response),
        (None, None) => response,
    }
}

/// Whether HTML is the answer's language: everything but the API, operations, and who asks for JSON by name.
fn is_for_pages(request: &Request) -> bool {
    let path = request.uri().path();
    let machine = ["/api/", "/assets/", "/healthz", "/readyz", "/metrics"];
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wants_json = accepts.contains("application/json") && !accepts.contains("text/html");
    !machine.iter().any(|prefix| path.starts_with(prefix)) && !wants_json
}

impl Asked {
    fn of(request: &Request) -> Self {
        let extensions = request.extensions();
        Self {
            partial: Partial::of(request.headers()).0,
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            base: extensions
                .get::<Address>()
                .map(|address| address.base.clone())
                .unwrap_or_else(|| "".into()),
            id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    fn page(&self, page: &Page, response: Response) -> Response {
        let rendered = match self.partial {
            true => render(&format!("pages/{}", page.name), &page.context),
            false => self.whole(page),
        };
        match rendered {
            Ok(html) => with_body(response, html, page.live.as_deref()),
            Err(error) => {
                let problem = Problem::internal(error);
                let response = problem.clone().into_response();
                self.problem(&problem, response)
            }
        }
    }

    fn whole(&self, page: &Page) -> Result<String, handlebars::RenderError> {
        let (layout, shell, signed_in) = match &page.frame {
            Frame::Workspace(shell) => ("layout/workspace", json!(shell), true),
            Frame::Public { signed_in } => ("layout/public", Value::Null, *signed_in),
            Frame::Auth => ("layout/auth", Value::Null, false),
        };
        let workspace = match &page.frame {
            Frame::Workspace(shell) => shell.workspace.as_str(),
            Frame::Public { .. } | Frame::Auth => "Trellis",
        };
        let whole = Whole {
            head: Head { title: &page.title, workspace },
            page: format!("pages/{}", page.name),
            body: &page.context,
            shell,
            signed_in,
            theme: self.preference("trellis_theme", &["light", "dark"]),
            density: self.preference("trellis_density", &["compact", "relaxed"]),
            nav: self.preference("trellis_nav", &["rail"]),
        };
        render(layout, &whole)
    }

    /// A cookie's value, if it is one of these words.
    fn preference(&self, name: &str, words: &[&'static str]) -> &'static str {
        let cookies = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let value = pairs.find(|(key, _)| *key == name).map(|(_, value)| value);
        words.iter().find(|word| Some(**word) == value).copied().unwrap_or_default()
    }

    fn problem(&self, problem: &Problem, response: Response) -> Response {
        if problem.kind == ProblemType::Unauthenticated && !self.partial {
            return self.to_sign_in(response);
        }
        let status = problem.kind.status();
        let words = Words::of(problem);
        let context = json!({
            "status": status.as_u16(),
            "title": words.title,
            "detail": words.detail,
            "faults": words.faults,
            "request_id": if status.is_server_error() { self.id.as_str() } else { "" },
            "home_href": format!("{}/", self.base),
            "sign_in": problem.kind == ProblemType::Unauthenticated,
        });
        let rendered = match self.partial {
            true => render("partials/problem", &context),
            false => {
                let frame = Frame::Public { signed_in: false };
                Page::new("problem", words.title, frame, context)
                    .map_err(|_| {
                        handlebars::RenderErrorReason::Other("the problem has no context".into()).into()
                    })
                    .and_then(|page| self.whole(&page))
            }
        };
        match rendered {
            Ok(html) => with_body(response, html, None),
            Err(error) => {
                tracing::error!(%error, request.id = %self.id, "the page of a problem could not be rendered");
                response
            }
        }
    }

    /// Signs people in first and brings them back to where they wanted to go: the page itself, or for a form that was
    /// sent the page that it stood on.
    fn to_sign_in(&self, mut response: Response) -> Response {
        let path = self.uri.path_and_query().map(|path| path.as_str()).unwrap_or("/");
        let back = match self.method.is_safe() {
            true => format!("{}{path}", self.base),
            false => self.referrer().unwrap_or_else(|| format!("{}/", self.base)),
        };
        let target = format!("/signin?next={}", utf8_percent_encode(&back, NON_ALPHANUMERIC));
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().remove("www-authenticate");
        if let Ok(target) = HeaderValue::try_from(target) {
            response.headers_mut().insert(LOCATION, target);
        }
        with_body(response, String::new(), None)
    }

    /// Path and query of the page that a form stood on.
    fn referrer(&self) -> Option<String> {
        let address = self.headers.get(REFERER)?.to_str().ok()?;
        Some(address.parse::<Uri>().ok()?.path_and_query()?.as_str().to_owned())
    }
}

/// Everything that a layout may ask for.
#[derive(Serialize)]
struct Whole<'a> {
    head: Head<'a>,
    page: String,
    body: &'a Value,
    shell: Value,
    signed_in: bool,
    theme: &'static str,
    density: &'static str,
    nav: &'static str,
}

/// What the page is called.
#[derive(Serialize)]
struct Head<'a> {
    title: &'a str,
    workspace: &'a str,
}

/// A problem in words for a page.
struct Words {
    title: String,
    detail: String,
    faults: Vec<String>,
}

impl Words {
    fn of(problem: &Problem) -> Self {
        let title = match problem.kind {
            ProblemType::NotFound => "There is nothing here".to_owned(),
            kind => kind.title().trim_end_matches('.').to_owned(),
        };
        let ours = problem.kind.status() == StatusCode::INTERNAL_SERVER_ERROR;
        let detail = match (problem.kind, &problem.detail) {
            (_, Some(detail)) if !ours => detail.clone(),
            (ProblemType::NotFound, _) => {
                "It may have been moved or deleted, or your account cannot see it.".to_owned()
            }
            (ProblemType::CrossSite, _) => {
                "Nothing was changed. Open the page again and repeat what you did.".to_owned()
            }
            (ProblemType::TooManyRequests, _) => "Wait a while, then try again.".to_owned(),
            _ if ours => {
                "Nothing was saved. Try again; if it happens again, tell your operator the number below."
                    .to_owned()
            }
            _ => String::new(),
        };
        let faults = problem.errors.iter().map(|fault| fault.message.clone()).collect();
        Self { title, detail, faults }
    }
}

fn with_body(mut response: Response, html: String, live: Option<&str>) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    headers.remove(CONTENT_LENGTH);
    headers.append(VARY, HeaderValue::from(HX_REQUEST));
    let live = live.map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    if let Some(live) = live.and_then(|live| HeaderValue::try_from(live).ok()) {
        headers.insert(LIVE, live);
    }
    *response.body_mut() = Body::from(html);
    response
}
