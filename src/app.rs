//! Composition root: puts the routers of API and pages together and surrounds them with the layers of the edge.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::http::{AppState, address, csrf, idempotency, layers, limits, operations};
use crate::{api, web};

/// The whole house as one router.
pub fn router(app: &AppState) -> Router {
    let limited = |router: Router<AppState>| router.layer(from_fn_with_state(app.clone(), limits::per_user));
    let (root, _) = api::root_routes().split_for_parts();
    let (tenant, _) = api::tenant_routes().split_for_parts();
    let guarded = |pages: Router<AppState>| pages.layer(from_fn_with_state(app.clone(), csrf::guard));
    let root = limited(root).merge(guarded(web::root_routes())).merge(operations::routes());
    let tenant = limited(tenant.layer(from_fn_with_state(app.clone(), idempotency::once)))
        .merge(guarded(web::workspace_routes()));
    let [root, tenant] = [root, tenant].map(|router| layers::inner(router, app).layer(from_fn(web::layer)));
    layers::outer(address::dispatch(root, tenant, app.settings.root_domain.as_deref()), app)
}
