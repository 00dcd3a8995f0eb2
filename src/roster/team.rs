//! Teams: a tree, each with a manager perhaps, whose scope of team reaches down it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Error, Fault, store, unless_empty};
use crate::access::Capability;
use crate::audit::{self, Action, NewEntry};
use crate::field::definition::{KEY_PATTERN, is_key};
use crate::id::{TeamId, UserId};
use crate::limits;
use crate::work::Work;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Team {
    /// Survives renames.
    pub id: TeamId,
    /// Unique in the workspace.
    pub key: String,
    /// What people read.
    pub name: String,
    /// The key of the team above.
    pub parent: Option<String>,
    /// Who manages it.
    pub manager: Option<UserId>,
    /// How many members are in it, without those beneath.
    pub members: i64,
}

/// A team about to be made.
#[derive(Clone, Debug, Default)]
pub struct NewTeam {
    /// A key that no team has.
    pub key: String,
    /// What people read.
    pub name: String,
    /// The key of the team above.
    pub parent: Option<String>,
    /// Who manages it.
    pub manager: Option<UserId>,
}

/// What is to change.
#[derive(Clone, Debug, Default)]
pub struct TeamPatch {
    /// What people read.
    pub name: Option<String>,
    /// The key of the team above; `Some(None)` for none.
    pub parent: Option<Option<String>>,
    /// Who manages it; `Some(None)` for nobody.
    pub manager: Option<Option<UserId>>,
}

/// Every team, by name.
pub async fn list(work: &Work) -> Result<Vec<Team>, Error> {
    Ok(store::teams(&work.tx).await?)
}

/// The id of the team with a key.
pub async fn exists(work: &Work, key: &str) -> Result<Option<TeamId>, Error> {
    Ok(store::team_id(&work.tx, key).await?)
}

/// Makes a team.
pub async fn create(work: &Work, new: NewTeam) -> Result<Team, Error> {
    work.actor.require(Capability::ManageMembers)?;
    let teams = store::lock_teams(&work.tx).await?;
    let mut faults = Vec::new();
    if !is_key(&new.key) {
        faults.push(Fault::new("/key", "pattern", format!("A key looks like {KEY_PATTERN}.")));
    }
    if teams.len() >= limits::TEAMS {
        faults.push(Fault::new("", "limit", format!("A workspace has at most {} teams.", limits::TEAMS)));
    }
    let id = TeamId::new();
    let team =
        Team { id, key: new.key, name: new.name, parent: new.parent, manager: new.manager, members: 0 };
    faults.extend(self::faults(work, &team, &teams).await?);
    unless_empty(faults)?;
    if teams.iter().any(|other| other.key == team.key) {
        return Err(Error::Conflict(format!("There is already a team with the key {}.", team.key)));
    }
    store::put_team(&work.tx, &team, work.clock.now()).await?;
    record(work, None, Some(&team)).await?;
    Ok(team)
}

/// Changes a team.
pub async fn change(work: &Work, key: &str, patch: TeamPatch) -> Result<Team, Error> {
    work.actor.require(Capability::ManageMembers)?;
    let teams = store::lock_teams(&work.tx).await?;
    let before = teams.iter().find(|team| team.key == key).ok_or(Error::NotFound)?;
    let mut after = before.clone();
    after.name = patch.name.unwrap_or(after.name);
    after.parent = patch.parent.unwrap_or(after.parent);
    after.manager = patch.manager.unwrap_or(after.manager);
    unless_empty(faults(work, &after, &teams).await?)?;
    if after != *before {
        store::put_team(&work.tx, &after, work.clock.now()).await?;
        record(work, Some(before), Some(&after)).await?;
    }
    Ok(after)
}

/// Removes a team that nobody is in and none is beneath; what was shared with it is no longer.
pub async fn delete(work: &Work, key: &str) -> Result<(), Error> {
    work.actor.require(Capability::ManageMembers)?;
    let teams = store::lock_teams(&work.tx).await?;
    let team = teams.iter().find(|team| team.key == key).ok_or(Error::NotFound)?;
    if team.members > 0 {
        return Err(Error::Conflict(format!("Move the {} members of the team first.", team.members)));
    }
    if teams.iter().any(|other| other.parent.as_ref() == Some(&team.key)) {
        return Err(Error::Conflict("Move the teams beneath it first.".into()));
    }
    store::delete_team(&work.tx, team.id).await?;
    record(work, Some(team), None).await
}

/// What is wrong with a team as it is to be.
async fn faults(work: &Work, team: &Team, teams: &[Team]) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    if team.name.trim().is_empty() || team.name.chars().count() > 60 || team.name.contains('\0') {
        faults.push(Fault::new("/name", "length", "Give a name of 1 to 60 characters."));
    }
    let above = |key: &String| teams.iter().find(|other| other.key == *key);
    if team.parent.as_ref().is_some_and(|key| above(key).is_none()) {
        faults.push(Fault::new("/parent", "team", "There is no such team."));
    }
    let mut ancestors =
        std::iter::successors(team.parent.as_ref(), |key| above(key).and_then(|team| team.parent.as_ref()));
    if ancestors.by_ref().take(teams.len() + 1).any(|key| *key == team.key) {
        faults.push(Fault::new("/parent", "circle", "A team cannot stand beneath itself."));
    }
    if let Some(manager) = team.manager
        && !store::is_active(&work.tx, manager).await?
    {
        faults.push(Fault::new("/manager", "member", "Choose an active member of the workspace."));
    }
    Ok(faults)
}

async fn record(work: &Work, before: Option<&Team>, after: Option<&Team>) -> Result<(), Error> {
    let face = |team: Option<&Team>| {
        team.map(|team| json!({"name": team.name, "parent": team.parent, "manager": team.manager}))
    };
    let key = after.or(before).map(|team| team.key.clone()).unwrap_or_default();
    let change = json!({"from": face(before), "to": face(after)});
    let changes: Map<String, Value> = Map::from_iter([(key, change)]);
    let action = Action::TeamChanged;
    audit::append(work, &NewEntry { action, module: None, record: None, version: None, changes }).await?;
    Ok(())
}
