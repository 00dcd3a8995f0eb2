//! The JSON API: one line per resource.

pub mod me;
pub mod session;

use utoipa_axum::router::OpenApiRouter;

use crate::http::AppState;

/// Resources of the installation.
pub fn root_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(session::routes()).merge(me::root_routes())
}

/// Resources of a workspace.
pub fn tenant_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(me::routes())
}
