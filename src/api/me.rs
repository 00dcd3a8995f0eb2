//! Who am I: at the root the person with their workspaces, in a workspace also role and rights there.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{UserAnswer, WorkspaceAnswer, workspaces};
use crate::access::Capability;
use crate::http::{AppState, Caller, Json, Problem, SignedIn};
use crate::work::Intent;

/// The route at the root.
pub fn root_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(person))
}

/// The route inside a workspace.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(member))
}

/// A person and their workspaces.
#[derive(Serialize, ToSchema)]
struct PersonAnswer {
    user: UserAnswer,
    /// The slug of the workspace that the session is bound to.
    workspace: Option<String>,
    workspaces: Vec<WorkspaceAnswer>,
}

/// A person in a workspace.
#[derive(Serialize, ToSchema)]
struct MemberAnswer {
    user: UserAnswer,
    workspace: WorkspaceNames,
    role: RoleAnswer,
}

/// The workspace.
#[derive(Serialize, ToSchema)]
struct WorkspaceNames {
    slug: String,
    name: String,
    /// Key and version of the template it was made from, such as `hospital 1.0.0`.
    template: Option<String>,
    #[schema(example = "INR")]
    currency: String,
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
}

/// What the person may do in the workspace, apart from records.
#[derive(Serialize, ToSchema)]
struct RoleAnswer {
    label: String,
    is_owner: bool,
    manage_schema: bool,
    manage_members: bool,
    read_audit: bool,
}

/// The signed-in person.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "me", operation_id = "me_person",
    responses((status = 200, body = PersonAnswer), (status = 401, description = "Not signed in"))
)]
async fn person(State(app): State<AppState>, caller: SignedIn) -> Result<Json<PersonAnswer>, Problem> {
    let session = &caller.session;
    Ok(Json(PersonAnswer {
        user: UserAnswer::of(session),
        workspace: session.tenant.as_ref().map(|tenant| tenant.slug.clone()),
        workspaces: workspaces(&app, session).await?,
    }))
}

/// The signed-in person in this workspace.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "me", operation_id = "me_member",
    responses(
        (status = 200, body = MemberAnswer),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The session belongs to another workspace"),
    )
)]
async fn member(caller: Caller) -> Result<Json<MemberAnswer>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let (actor, workspace) = (&work.actor, &work.workspace);
    Ok(Json(MemberAnswer {
        user: UserAnswer::of(caller.session()),
        workspace: WorkspaceNames {
            slug: workspace.slug.clone(),
            name: workspace.name.clone(),
            template: workspace.template.as_ref().map(|t| format!("{} {}", t.key, t.version)),
            currency: workspace.locale.currency.clone(),
            timezone: workspace.locale.timezone.to_string(),
        },
        role: RoleAnswer {
            label: actor.role_label().to_owned(),
            is_owner: actor.is_owner(),
            manage_schema: actor.can(Capability::ManageSchema),
            manage_members: actor.can(Capability::ManageMembers),
            read_audit: actor.can(Capability::ReadAudit),
        },
    }))
}
