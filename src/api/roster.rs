//! Members with their roles and teams, and the teams themselves.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::path::given;
use crate::http::{AppState, Caller, Json, Path, Problem};
use crate::id::UserId;
use crate::roster::{self, MemberFace, MemberPatch, NewTeam, Team, TeamPatch};
use crate::work::Intent;

/// The resources' routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(members))
        .routes(routes!(change_member))
        .routes(routes!(teams, create_team))
        .routes(routes!(change_team, delete_team))
}

/// `…/members/{id}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct MemberPath {
    /// The member's user id.
    id: Uuid,
}

/// `…/teams/{team}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TeamPath {
    /// The team's key.
    team: String,
}

/// What is to change of a member; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberInput {
    /// The key of a role.
    #[serde(default)]
    role: Option<String>,
    /// The key of a team; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    team: Option<Option<String>>,
    /// Whether they may sign in here.
    #[serde(default)]
    active: Option<bool>,
    /// Whether they own the workspace, with others perhaps.
    #[serde(default)]
    owner: Option<bool>,
}

/// A new team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamInput {
    /// Lower-case letters, digits and `_`, a letter first.
    key: String,
    /// What people read.
    name: String,
    /// The key of the team above.
    #[serde(default)]
    parent: Option<String>,
    /// The member who manages it.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    manager: Option<UserId>,
}

/// What is to change of a team; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamChange {
    /// What people read.
    #[serde(default)]
    name: Option<String>,
    /// The key of the team above; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    parent: Option<Option<String>>,
    /// The member who manages it; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    manager: Option<Option<UserId>>,
}

/// Lists every member, those who have left too. Takes the right to manage members.
#[utoipa::path(get, path = "/api/v1/members", tag = "members", operation_id = "members_list",
    responses((status = 200, description = "Members by name")))]
async fn members(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": roster::members(&work).await?})))
}

/// Changes a member's role, team or place. Takes the right to manage members; nobody changes their own role.
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "members", operation_id = "members_update", params(MemberPath),
    request_body = MemberInput, responses((status = 200, description = "The member as they are now")))]
async fn change_member(
    caller: Caller,
    Path(path): Path<MemberPath>,
    Json(input): Json<MemberInput>,
) -> Result<Json<MemberFace>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let patch = MemberPatch { role: input.role, team: input.team, active: input.active, owner: input.owner };
    let member = roster::change_member(&work, UserId(path.id), patch).await?;
    work.commit().await?;
    Ok(Json(member))
}

/// Lists the teams.
#[utoipa::path(get, path = "/api/v1/teams", tag = "members", operation_id = "teams_list",
    responses((status = 200, description = "Teams by name")))]
async fn teams(caller: Caller) -> Result<Json<Value>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    Ok(Json(json!({"data": roster::teams(&work).await?})))
}

/// Makes a team. Takes the right to manage members.
#[utoipa::path(post, path = "/api/v1/teams", tag = "members", operation_id = "teams_create", request_body = TeamInput,
    responses((status = 201, description = "The team")))]
async fn create_team(
    caller: Caller,
    Json(input): Json<TeamInput>,
) -> Result<(StatusCode, Json<Team>), Problem> {
    let work = caller.begin(Intent::Write).await?;
    let new = NewTeam { key: input.key, name: input.name, parent: input.parent, manager: input.manager };
    let team = roster::create_team(&work, new).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(team)))
}

/// Changes a team's name, manager or place in the tree. Takes the right to manage members.
#[utoipa::path(patch, path = "/api/v1/teams/{team}", tag = "members", operation_id = "teams_update", params(TeamPath),
    request_body = TeamChange, responses((status = 200, description = "The team as it is now")))]
async fn change_team(
    caller: Caller,
    Path(path): Path<TeamPath>,
    Json(input): Json<TeamChange>,
) -> Result<Json<Team>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    let patch = TeamPatch { name: input.name, parent: input.parent, manager: input.manager };
    let team = roster::change_team(&work, &path.team, patch).await?;
    work.commit().await?;
    Ok(Json(team))
}

/// Removes a team that nobody is in and none is beneath. Takes the right to manage members.
#[utoipa::path(delete, path = "/api/v1/teams/{team}", tag = "members", operation_id = "teams_delete", params(TeamPath),
    responses((status = 204, description = "It is gone")))]
async fn delete_team(caller: Caller, Path(path): Path<TeamPath>) -> Result<StatusCode, Problem> {
    let work = caller.begin(Intent::Write).await?;
    roster::delete_team(&work, &path.team).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
