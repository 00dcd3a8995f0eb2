//! Members with their roles and teams, to read and to change; forms that work without scripts.

use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::input::{Pairs, text};
use super::page::Page;
use super::place::{MemberPath, Place};
use super::shell::Standing;
use crate::access::store::definitions;
use crate::access::{Capability, RoleDefinition};
use crate::http::{Caller, Path, Problem};
use crate::id::UserId;
use crate::roster::{self, MemberFace, MemberPatch, Team};
use crate::work::Intent;

/// `GET /settings/members`
pub(super) async fn list(caller: Caller) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    page(&place, None).await
}

/// `POST /settings/members/{id}`
pub(super) async fn save(caller: Caller, path: Path<MemberPath>, pairs: Pairs) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let user = UserId(path.0.id);
    let team = Some(text(&pairs.0, "team").to_owned()).filter(|key| !key.is_empty());
    let role = Some(text(&pairs.0, "role").to_owned()).filter(|key| !key.is_empty());
    // One's own role is not in the form.
    let patch = MemberPatch { role, team: Some(team), ..MemberPatch::default() };
    match roster::change_member(&place.work, user, patch).await {
        Ok(_) => {
            let target = place.links.settings_members();
            place.work.commit().await?;
            Ok(Redirect::to(&target).into_response())
        }
        Err(roster::Error::Invalid(faults)) => {
            drop(place);
            let place = Place::open(&caller, Intent::Read).await?;
            let words: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
            let page = page(&place, Some((user, words.join(" ")))).await?;
            Ok(page.with_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(place: &Place, refused: Option<(UserId, String)>) -> Result<Page, Problem> {
    place.work.actor.require(Capability::ManageMembers)?;
    let members = roster::members(&place.work).await?;
    let teams = roster::teams(&place.work).await?;
    let roles: Vec<RoleDefinition> = definitions(&place.work.tx).await?.into_values().collect();
    let row = |member: &MemberFace| {
        let error = refused.as_ref().filter(|(user, _)| *user == member.id).map(|(_, words)| words.as_str());
        face(place, member, (&roles, &teams), error.unwrap_or_default())
    };
    let rows: Vec<Value> = members.iter().map(row).collect();
    Page::new("settings_members", "Members", place.frame(Standing::Settings), json!({"members": rows}))
}

fn face(
    place: &Place,
    member: &MemberFace,
    (roles, teams): (&[RoleDefinition], &[Team]),
    error: &str,
) -> Value {
    let role = |role: &RoleDefinition| json!({"key": role.key, "label": role.label, "selected": role.key == member.role});
    let team = |team: &Team| json!({"key": team.key, "label": team.name, "selected": Some(&team.key) == member.team.as_ref()});
    let own = member.id == place.work.actor.user;
    json!({
        "id": member.id,
        "name": member.name,
        "email": member.email,
        "active": member.active,
        "owner": member.owner,
        "fixed": own || member.owner,
        "roles": roles.iter().map(role).collect::<Vec<_>>(),
        "teams": teams.iter().map(team).collect::<Vec<_>>(),
        "action": place.links.member(member.id),
        "error": error,
    })
}
