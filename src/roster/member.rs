//! Members: their roles, their teams, and whether they are still there.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Error, Fault, store, unless_empty};
use crate::access::store::definitions;
use crate::access::{Capability, RoleDefinition};
use crate::audit::{self, Action, NewEntry};
use crate::id::UserId;
use crate::work::Work;

/// A member, as those see them who manage members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberFace {
    /// The user's id.
    pub id: UserId,
    /// What people read.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
    /// The key of the role.
    pub role: String,
    /// Owners may do everything in the workspace.
    pub owner: bool,
    /// The key of the team, if they are in one.
    pub team: Option<String>,
    /// Whether they may sign in here.
    pub active: bool,
}

/// What is to change.
#[derive(Clone, Debug, Default)]
pub struct MemberPatch {
    /// The key of a role.
    pub role: Option<String>,
    /// The key of a team; `Some(None)` for none.
    pub team: Option<Option<String>>,
    /// Whether they may sign in here.
    pub active: Option<bool>,
    /// Whether they own the workspace, with others perhaps.
    pub owner: Option<bool>,
}

/// Every member, by name, those who have left too.
pub async fn list(work: &Work) -> Result<Vec<MemberFace>, Error> {
    work.actor.require(Capability::ManageMembers)?;
    Ok(store::members(&work.tx).await?)
}

/// Changes a member. Nobody changes themselves, owners are changed by owners alone, one owner always stays, and
/// nobody gives a role with rights that they do not have.
pub async fn change(work: &Work, user: UserId, patch: MemberPatch) -> Result<MemberFace, Error> {
    work.actor.require(Capability::ManageMembers)?;
    let owners = store::lock_owners(&work.tx).await?;
    let members = store::members(&work.tx).await?;
    let before = members.into_iter().find(|member| member.id == user).ok_or(Error::NotFound)?;
    unless_empty(own_or_owners(work, &before, &patch, &owners))?;
    let mut faults = role_faults(work, &patch).await?;
    let team = match &patch.team {
        Some(Some(key)) => store::team_id(&work.tx, key).await?,
        _ => None,
    };
    if patch.team.as_ref().is_some_and(Option::is_some) && team.is_none() {
        faults.push(Fault::new("/team", "team", "There is no such team."));
    }
    unless_empty(faults)?;
    let mut after = before.clone();
    after.role = patch.role.unwrap_or(after.role);
    after.team = patch.team.unwrap_or(after.team);
    after.active = patch.active.unwrap_or(after.active);
    after.owner = patch.owner.unwrap_or(after.owner);
    if after != before {
        store::put_member(&work.tx, &after).await?;
        record(work, &before, &after).await?;
    }
    Ok(after)
}

/// What one's own place and the owners' forbid.
fn own_or_owners(work: &Work, before: &MemberFace, patch: &MemberPatch, owners: &[UserId]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let own = before.id == work.actor.user;
    if own && (patch.role.is_some() || patch.active == Some(false)) {
        faults.push(Fault::new("/role", "own", "Nobody changes their own role. Ask another administrator."));
    }
    let touches = patch.role.is_some() || patch.active.is_some() || patch.owner.is_some();
    if !work.actor.is_owner() && (patch.owner.is_some() || (before.owner && touches)) {
        faults.push(Fault::new("/owner", "denied", "Only an owner may change owners."));
    }
    let leaves = patch.owner == Some(false) || patch.active == Some(false);
    if before.owner && leaves && owners == [before.id] {
        faults.push(Fault::new(
            "/owner",
            "last",
            "A workspace keeps one owner. Make somebody else one first.",
        ));
    }
    faults
}

async fn role_faults(work: &Work, patch: &MemberPatch) -> Result<Vec<Fault>, Error> {
    let Some(key) = &patch.role else { return Ok(Vec::new()) };
    let all = definitions(&work.tx).await?;
    let Some(role) = all.get(key) else {
        let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Ok(vec![Fault::new("/role", "option", format!("Choose one of: {known}."))]);
    };
    Ok(beyond(work, &role.resolved(&all)))
}

/// Rights of a role that the actor does not have, and so cannot give.
fn beyond(work: &Work, role: &RoleDefinition) -> Vec<Fault> {
    let lacking = role.capabilities.iter().find(|capability| !work.actor.can(**capability));
    let fault = |capability: &Capability| {
        let message =
            format!("Your own role may not {}, so you cannot give one that may.", capability.phrase());
        Fault::new("/role", "denied", message)
    };
    lacking.map(fault).into_iter().collect()
}

async fn record(work: &Work, before: &MemberFace, after: &MemberFace) -> Result<(), Error> {
    let sides = [
        ("role", json!(before.role), json!(after.role)),
        ("team", json!(before.team), json!(after.team)),
        ("active", json!(before.active), json!(after.active)),
        ("owner", json!(before.owner), json!(after.owner)),
    ];
    let changed = sides.into_iter().filter(|(_, from, to)| from != to);
    let mut changes: Map<String, Value> =
        changed.map(|(key, from, to)| (key.to_owned(), json!({"from": from, "to": to}))).collect();
    changes.insert("member".into(), json!(after.id));
    let action = Action::MemberChanged;
    audit::append(work, &NewEntry { action, module: None, record: None, version: None, changes }).await?;
    Ok(())
}
