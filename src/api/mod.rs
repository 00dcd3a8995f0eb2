//! The JSON API: one line per resource. Handlers check nothing themselves: they open work for the caller, call one
//! service and answer.

mod bootstrap;
mod etag;
mod me;
mod modules;
mod openapi;
mod path;
mod problem;
mod records;
mod session;
mod templates;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::http::AppState;

/// The API of one workspace, below its address.
pub fn workspace() -> (Router<AppState>, OpenApi) {
    OpenApiRouter::new()
        .merge(me::workspace_routes())
        .merge(bootstrap::routes())
        .merge(modules::routes())
        .merge(records::routes())
        .merge(templates::routes())
        .merge(openapi::routes())
        .split_for_parts()
}

/// The API of the installation: sign-in, sign-up, the caller's own account.
pub fn root() -> (Router<AppState>, OpenApi) {
    OpenApiRouter::new().merge(session::routes()).merge(me::routes()).split_for_parts()
}
