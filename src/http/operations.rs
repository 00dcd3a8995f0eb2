//! What operators and their machines ask: is the process alive, is it ready, and how much does it do?

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::client::Peer;
use super::{AppState, Problem};

/// `/healthz`, `/readyz` and `/metrics`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Ready when the database answers and every migration has been applied.
async fn ready(State(app): State<AppState>) -> Result<&'static str, Problem> {
    app.db.ready().await?;
    Ok("ready\n")
}

/// Only for whoever asks from this very machine and through no proxy; for everybody else there is nothing here.
async fn metrics(State(app): State<AppState>, request: Request) -> Response {
    let local =
        request.extensions().get::<Peer>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    if !local || forwarded {
        return Problem::not_found().into_response();
    }
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (content_type, app.metrics.render(&app.db)).into_response()
}
