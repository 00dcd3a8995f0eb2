//! Who wants to be told when a record changes. The worker tells them, once for each event of the outbox.

mod store;

use serde::Serialize;

use super::notice::{self, NewNotice};
use super::{Error, Person, switched_on};
use crate::clock::Clock;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::record;
use crate::schema::Module;
use crate::schema::definition::Feature;
use crate::work::Work;

/// Events that one pass goes through.
const EVENTS: i64 = 1_000;

/// The followers of a record.
#[derive(Clone, Debug, Serialize)]
pub struct Followers {
    /// Whether the actor follows it.
    pub following: bool,
    /// Active members who follow it.
    pub data: Vec<Person>,
}

/// Who follows a record.
pub async fn list(work: &Work, module: &Module, record: RecordId) -> Result<Followers, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Follow)?;
    let data = store::list(&work.tx, record).await?;
    Ok(Followers { following: data.iter().any(|person| person.id == work.actor.user), data })
}

/// Tells the actor of changes from now on; who may read the record may follow it. Doing it twice is doing it once.
pub async fn follow(work: &Work, module: &Module, record: RecordId) -> Result<Followers, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Follow)?;
    store::insert(work, record).await?;
    list(work, module, record).await
}

/// Tells the actor no more.
pub async fn unfollow(work: &Work, module: &Module, record: RecordId) -> Result<Followers, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Follow)?;
    store::delete(work, record).await?;
    list(work, module, record).await
}

/// Tells followers of events that nobody has been told of, but never those who made the change; false once there may be
/// no more. Marking an event and telling are one transaction, and several nodes pass each other by. Whether a follower
/// may still read the record is asked when the notification is shown.
pub async fn tell_followers(tx: &TenantTx, clock: &Clock) -> Result<bool, DbError> {
    let events = store::take_events(tx, EVENTS).await?;
    let told = store::to_tell(tx, &events).await?;
    let notice = |told: store::Told| NewNotice {
        user: told.user,
        kind: notice::Kind::Change,
        what: match told.kind.as_str() {
            "record.deleted" => "deleted",
            "record.restored" => "restored",
            _ => "updated",
        },
        record: Some(told.record),
        source: told.event,
        by: told.by,
    };
    let notices: Vec<NewNotice> = told.into_iter().map(notice).collect();
    notice::tell(tx, clock.now(), &notices).await?;
    Ok(events.len() as i64 == EVENTS)
}
