//! Who may do what with a record, asked by what stands around it: the actor, and others by their own roles.

use std::collections::{HashMap, HashSet};

use futures_util::future::{try_join, try_join_all};

use super::error::Error;
use super::link::{self, RelatedFace};
use super::read;
use crate::access::{Actor, Denied, Verb};
use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::work::Work;

/// Ok when the actor may change the record, which is not in the trash.
pub async fn assert_updatable(work: &Work, module: &Module, id: RecordId) -> Result<(), Error> {
    let record = read::get(work, module, id).await?;
    match (record.deleted_at, record.can.update) {
        (Some(_), _) => Err(Error::NotFound),
        (None, true) => Ok(()),
        (None, false) => Err(Denied { module: module.key().to_owned(), verb: Verb::Update }.into()),
    }
}

/// Which of some people are active members, and which of those may read a record.
#[derive(Clone, Debug, Default)]
pub struct Readers {
    /// Active members among them.
    pub members: HashSet<UserId>,
    /// Those who may read the record.
    pub readers: HashSet<UserId>,
}

/// Looks people up and asks their own roles.
pub async fn readers(
    work: &Work,
    module: &Module,
    id: RecordId,
    people: &[UserId],
) -> Result<Readers, Error> {
    let actors = work.members(people).await?;
    let allowed = try_join_all(actors.iter().map(|actor| may_read(work, actor, module, id))).await?;
    let members = actors.iter().map(|actor| actor.user).collect();
    let readers = actors.iter().zip(allowed).filter(|(_, may)| *may).map(|(actor, _)| actor.user).collect();
    Ok(Readers { members, readers })
}

async fn may_read(work: &Work, actor: &Actor, module: &Module, id: RecordId) -> Result<bool, Error> {
    match read::assert_readable_by(work, actor, module, id).await {
        Ok(()) => Ok(true),
        Err(Error::Denied(_) | Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Module and title of those records, outside the trash, that the actor may read.
pub async fn places(work: &Work, ids: &[RecordId]) -> Result<HashMap<RecordId, RelatedFace>, DbError> {
    let (mut places, live) = try_join(link::faces(work, ids), link::live(work, ids)).await?;
    places.retain(|id, _| live.contains(id));
    Ok(places)
}
