//! Everything that a client needs at start, and the people of the workspace.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::modules::ModuleFace;
use crate::access::Capability;
use crate::http::{AppState, Caller, Json, Problem, Query};
use crate::tenancy;
use crate::work::Intent;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(bootstrap)).routes(routes!(users))
}

/// Workspace, modules with the caller's rights, and the schema version.
#[utoipa::path(get, path = "/api/v1/bootstrap", tag = "workspace", operation_id = "workspace_bootstrap",
    responses((status = 200, description = "Workspace, user, modules and version")))]
async fn bootstrap(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let capabilities: Vec<Capability> =
        Capability::ALL.into_iter().filter(|capability| work.actor.can(*capability)).collect();
    Ok(Json(json!({
        "version": work.schema.version,
        "workspace": {
            "name": work.workspace.name,
            "slug": work.workspace.slug,
            "template": work.workspace.template,
            "currency": work.workspace.locale.currency,
            "country": work.workspace.locale.country,
            "timezone": work.workspace.locale.timezone.name(),
            "language": work.workspace.language,
        },
        "user": {
            "id": work.actor.user,
            "name": work.actor.name,
            "email": work.actor.email,
            "role": work.actor.role_label(),
            "owner": work.actor.is_owner(),
            "capabilities": capabilities,
        },
        "modules": ModuleFace::readable(&work),
    })))
}

/// Query parameters of the people list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserParams {
    /// The beginning of a name or an address.
    #[serde(default)]
    q: String,
}

/// Lists active members by name, at most a hundred.
#[utoipa::path(get, path = "/api/v1/users", tag = "workspace", operation_id = "users_list", params(UserParams),
    responses((status = 200, description = "Members")))]
async fn users(caller: Caller, Query(params): Query<UserParams>) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": tenancy::members(&work.tx, &params.q, 100).await?})))
}
