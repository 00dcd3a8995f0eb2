//! What members say about a record, and whom they mention.

mod store;
mod token;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::check::Faults;
use super::notice::{self, NewNotice};
use super::{Error, Listed, PAGE, Person, switched_on};
use crate::id::{CommentId, RecordId, UserId};
use crate::limits;
use crate::record;
use crate::schema::Module;
use crate::schema::definition::Feature;
use crate::work::Work;

pub use token::mentioned;

/// A comment.
#[derive(Clone, Debug, Serialize)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Its words, in which `@[user id]` mentions somebody; empty once it is deleted.
    pub body: String,
    /// Who is mentioned.
    pub mentions: Vec<Person>,
    /// Who wrote it.
    pub by: Person,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Whether the actor may change it.
    pub can_edit: bool,
    /// Whether the actor may delete it.
    pub can_delete: bool,
    /// The record; for the right to it, not for answers.
    #[serde(skip)]
    pub record: RecordId,
}

/// The comments of a record, newest first, after one of an earlier page. Who may read the record may read them.
pub async fn list(
    work: &Work,
    module: &Module,
    record: RecordId,
    after: Option<Uuid>,
) -> Result<Listed<Comment>, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Comments)?;
    let rows = store::list(work, record, after, PAGE as i64 + 1).await?;
    Ok(Listed::cut(rows, |comment| comment.id.0))
}

/// Says something about a record; who may read it may. The people mentioned are told.
pub async fn add(work: &Work, module: &Module, record: RecordId, body: &str) -> Result<Comment, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Comments)?;
    let (body, mentions) = checked(work, module, record, body).await?;
    let id = CommentId::new();
    store::insert(work, id, record, &body, &mentions).await?;
    tell(work, record, id, &mentions).await?;
    store::find(work, id).await?.ok_or_else(Error::not_found)
}

/// Changes the words of one's own comment. Only who is mentioned newly is told.
pub async fn edit(work: &Work, id: CommentId, body: &str) -> Result<Comment, Error> {
    let (comment, module) = readable(work, id).await?;
    if !comment.can_edit {
        return Err(Error::NotYours);
    }
    let (body, mentions) = checked(work, &module, comment.record, body).await?;
    store::update(work, id, &body, &mentions).await?;
    tell(work, comment.record, id, &mentions).await?;
    store::find(work, id).await?.ok_or_else(Error::not_found)
}

/// Takes the words of a comment away: one's own, or anybody's for an owner of the workspace. Gives the record: module and
/// id.
pub async fn delete(work: &Work, id: CommentId) -> Result<(String, RecordId), Error> {
    let (comment, module) = readable(work, id).await?;
    if !comment.can_delete {
        return Err(Error::NotYours);
    }
    store::delete(work, id).await?;
    Ok((module.key().to_owned(), comment.record))
}

/// A comment that is not deleted, of a record that the actor may read.
async fn readable(work: &Work, id: CommentId) -> Result<(Comment, std::sync::Arc<Module>), Error> {
    let comment = store::find(work, id).await?.filter(|comment| comment.deleted_at.is_none());
    let comment = comment.ok_or_else(Error::not_found)?;
    let faces = record::places(work, &[comment.record]).await?;
    let module = faces.get(&comment.record).and_then(|face| work.schema.module(&face.module));
    match module {
        Some(module) => Ok((comment, module.clone())),
        None => Err(Error::not_found()),
    }
}

async fn checked(
    work: &Work,
    module: &Module,
    record: RecordId,
    body: &str,
) -> Result<(String, Vec<UserId>), Error> {
    let mut faults = Faults::default();
    let body = faults.needed("/body", body, limits::WORDS_CHARS);
    let mentions = mentioned(&body);
    if mentions.len() > limits::MENTIONS {
        faults.add("/body", "max", format!("Mention at most {} people.", limits::MENTIONS));
        faults.end()?;
        return Ok((body, Vec::new()));
    }
    let known = record::readers(work, module, record, &mentions).await?;
    for user in &mentions {
        if !known.members.contains(user) {
            faults.add("/body", "member", format!("@[{user}] is not an active member of the workspace."));
        } else if !known.readers.contains(user) {
            let message = format!("@[{user}] may not read this record, so they cannot be mentioned here.");
            faults.add("/body", "denied", message);
        }
    }
    faults.end()?;
    Ok((body, mentions))
}

async fn tell(work: &Work, record: RecordId, id: CommentId, mentions: &[UserId]) -> Result<(), Error> {
    let others = mentions.iter().filter(|user| **user != work.actor.user);
    let notices: Vec<NewNotice> = others
        .map(|user| NewNotice {
            user: *user,
            kind: notice::Kind::Mention,
            what: "comment",
            record: Some(record),
            source: id.0,
            by: Some(work.actor.user),
        })
        .collect();
    notice::tell(&work.tx, work.clock.now(), &notices).await?;
    Ok(())
}
