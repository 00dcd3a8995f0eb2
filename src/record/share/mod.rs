//! Single records opened to somebody: a person, a team or a role. A share widens what a role grants on the record's
//! module; it never opens a module, or a verb, that the role does not grant at all.

mod store;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

use super::error::{Error, Fault};
use super::reach;
use crate::access::{Denied, Permit, Read, Share, Update, Verb, VerbType};
use crate::audit::{self, Action, NewEntry};
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::work::Work;

/// Whom a record is opened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Grantee {
    /// A member.
    User(UserId),
    /// The members of a team, by its key.
    Team(String),
    /// Everybody with a role, by its key.
    Role(String),
}

/// How far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// To be read.
    #[default]
    Read,
    /// To be read and changed.
    Update,
}

/// A share.
#[derive(Clone, Debug, Serialize)]
pub struct ShareFace {
    /// Its id.
    pub id: Uuid,
    /// Whom the record is opened to; None where the team is gone.
    pub with: Option<Grantee>,
    /// The name of the person or the team, or the role's key.
    pub name: String,
    /// How far.
    pub level: Level,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: Option<UserId>,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Update => "update",
        }
    }
}

/// The shares of a record, for those who may share it.
pub async fn list(work: &Work, module: &Module, id: RecordId) -> Result<Vec<ShareFace>, Error> {
    allowed::<Share>(work, module, id).await?;
    Ok(store::list(&work.tx, id).await?)
}

/// Opens a record to somebody, or changes how far it is. Nobody opens it further than they may go themselves.
pub async fn add(
    work: &Work,
    module: &Module,
    id: RecordId,
    (with, level): (Grantee, Level),
) -> Result<ShareFace, Error> {
    allowed::<Share>(work, module, id).await?;
    if level == Level::Update {
        allowed::<Update>(work, module, id).await?;
    }
    let Some(grantee) = store::grantee(&work.tx, &with).await? else {
        let message = "There is no such member, team or role.";
        return Err(Fault::new("/with", "grantee", message).into());
    };
    let at = (work.actor.user, work.clock.now());
    store::put(&work.tx, (id, module.number), (&grantee, level.word()), at).await?;
    record(work, module, id, json!({"from": null, "to": {"with": with, "level": level}})).await?;
    let all = store::list(&work.tx, id).await?;
    all.into_iter().find(|share| share.with.as_ref() == Some(&with)).ok_or(Error::NotFound)
}

/// Closes a record to whom it was opened.
pub async fn remove(work: &Work, module: &Module, id: RecordId, share: Uuid) -> Result<(), Error> {
    allowed::<Share>(work, module, id).await?;
    let all = store::list(&work.tx, id).await?;
    let gone = all.into_iter().find(|known| known.id == share).ok_or(Error::NotFound)?;
    store::remove(&work.tx, id, share).await?;
    record(work, module, id, json!({"from": {"with": gone.with, "level": gone.level}, "to": null})).await
}

/// Ok when the actor may do `V` to the record. What they may not read does not exist.
async fn allowed<V: VerbType>(work: &Work, module: &Module, id: RecordId) -> Result<(), Error> {
    let owner = store::owner(&work.tx, module.number, id).await?.ok_or(Error::NotFound)?;
    let readable: Permit<Read> = work.actor.permit(module.key())?;
    if !reach::covers(work, module, &readable, (id, owner)).await? {
        return Err(Error::NotFound);
    }
    let permit: Permit<V> = work.actor.permit(module.key())?;
    match reach::covers(work, module, &permit, (id, owner)).await? {
        true => Ok(()),
        false => Err(denied(module, V::VERB)),
    }
}

fn denied(module: &Module, verb: Verb) -> Error {
    Denied { module: module.key().to_owned(), verb }.into()
}

async fn record(work: &Work, module: &Module, id: RecordId, change: serde_json::Value) -> Result<(), Error> {
    let entry = NewEntry {
        action: Action::Shared,
        module: Some(module.number),
        record: Some(id),
        version: None,
        changes: Map::from_iter([("share".to_owned(), change)]),
    };
    Ok(audit::append(work, &entry).await?)
}
