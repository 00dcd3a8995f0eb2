//! The JSON API: one line per resource. Handlers check nothing themselves: they open work for the caller, call one
//! service and answer.

mod aggregate;
mod boards;
mod bootstrap;
mod etag;
pub mod me;
mod modules;
mod openapi;
mod path;
mod pipelines;
mod problem;
mod records;
pub mod session;
mod templates;

use utoipa_axum::router::OpenApiRouter;

use crate::http::AppState;

/// Resources of the installation: sign-in, sign-up, the caller's own account.
pub fn root_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(session::routes()).merge(me::root_routes())
}

/// Resources of one workspace, below its address.
pub fn tenant_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(me::routes())
        .merge(bootstrap::routes())
        .merge(modules::routes())
        .merge(records::routes())
        .merge(boards::routes())
        .merge(pipelines::routes())
        .merge(aggregate::routes())
        .merge(templates::routes())
        .merge(openapi::routes())
}
