//! Composition root: puts the routers of API and pages together and surrounds them with the layers of the edge.

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::api;
use crate::http::{AppState, address, layers, limits, operations};

/// The whole house as one router.
pub fn router(app: &AppState) -> Router {
    let limited = |router: Router<AppState>| router.layer(from_fn_with_state(app.clone(), limits::per_user));
    let (root, _) = api::root_routes().split_for_parts();
    let (tenant, _) = api::tenant_routes().split_for_parts();
    let root = layers::inner(limited(root).merge(operations::routes()), app);
    let tenant = layers::inner(limited(tenant), app);
    layers::outer(address::dispatch(root, tenant, app.settings.root_domain.as_deref()), app)
}
