//! The layers around every router: request ids, logs, caught panics, time limits, compression and security headers.

use std::any::Any;
use std::panic;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use uuid::Uuid;

use super::{App, AppState, Problem, ProblemType, problem};

/// The longest that a request may take. Statements end after 10 s, so this is for what waits on many of them.
const TIME: Duration = Duration::from_secs(30);

/// The longest that a file may take to arrive.
const UPLOAD_TIME: Duration = Duration::from_secs(10 * 60);

/// Names a request in logs and problems; always made here, never taken from outside.
#[derive(Clone, Debug, Default)]
pub struct RequestId(pub String);

/// A random word for this response alone; pages put it on the one inline style that they may carry.
#[derive(Clone, Debug)]
pub struct Nonce(pub String);

/// Completes a router: what is not there, and what surrounds each of its routes. A page layer that turns problems into
/// HTML goes around this.
pub fn inner(router: Router<AppState>, app: &AppState) -> Router {
    router
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::new(ProblemType::MethodNotAllowed))
        .layer(from_fn_with_state(app.clone(), detached))
        .layer(from_fn(limited_time))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(app.clone(), observed))
        .with_state(app.clone())
}

/// Surrounds the whole house; problems that no page layer has rendered are written as JSON here.
pub fn outer(router: Router, app: &AppState) -> Router {
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(1024)));
    router
        .layer(from_fn(problem::render))
        .layer(compression)
        .layer(from_fn_with_state(app.clone(), security_headers))
        .layer(from_fn(request_id))
}

async fn request_id(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Runs what may write in a task of its own, so that a client that goes away never cuts a transaction short.
async fn detached(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match app.tasks.spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
        Err(error) => Problem::internal(error).into_response(),
    }
}

async fn limited_time(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let uploads = request.method() == Method::POST && route.is_some_and(|route| route.ends_with("/files"));
    let time = if uploads { UPLOAD_TIME } else { TIME };
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(elapsed) => Problem::new(ProblemType::Unavailable).caused_by(elapsed).into_response(),
    }
}

fn caught(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}

/// Counts and logs a request by its route. Neither path nor query are logged: they may carry names and ids.
async fn observed(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.metrics.observe(&method, route, status, took);
    tracing::info!(
        http.method = %method, http.route = route, http.status = status, request.id = %id.0,
        duration_ms = took.as_secs_f64() * 1_000.0, "{method} {route} answered {status}"
    );
    response
}

async fn security_headers(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = nonce();
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let mut response = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        default_header(&mut response, header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in fixed_headers(&app) {
        default_header(&mut response, name, HeaderValue::from_static(value));
    }
    response
}

fn fixed_headers(app: &App) -> impl Iterator<Item = (HeaderName, &'static str)> {
    let transport = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ]
    .into_iter()
    .chain(app.settings.secure_cookies.then_some(transport))
}

/// Sets a header that the handler has not set; assets, say, allow themselves to be kept.
fn default_header(response: &mut Response, name: HeaderName, value: HeaderValue) {
    response.headers_mut().entry(name).or_insert(value);
}

fn nonce() -> String {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => URL_SAFE_NO_PAD.encode(bytes),
        // A word that repeats itself would be no nonce; one that nobody can use only costs an inline style.
        Err(_) => Uuid::now_v7().simple().to_string(),
    }
}
