//! Notifications: what a member is told. They carry no values, and who may not read the record is not shown them.

mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Error, Listed, PAGE, Person};
use crate::db::{DbError, TenantTx};
use crate::id::{NotificationId, RecordId, UserId};
use crate::record::{self, RelatedFace};
use crate::schema::SystemField;
use crate::work::Work;

/// Unread notifications that are counted at most.
pub const UNREAD: usize = 100;

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A comment mentions them.
    Mention,
    /// A record that they follow changed.
    Change,
    /// A task's reminder is due.
    Reminder,
    /// Somebody gave them a task.
    Task,
}

impl Kind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Change => "change",
            Self::Reminder => "reminder",
            Self::Task => "task",
        }
    }
}

/// A notification about to be given.
#[derive(Clone, Debug)]
pub(super) struct NewNotice {
    pub(super) user: UserId,
    pub(super) kind: Kind,
    /// What happened, in one word.
    pub(super) what: &'static str,
    pub(super) record: Option<RecordId>,
    /// The comment, event or task.
    pub(super) source: Uuid,
    pub(super) by: Option<UserId>,
}

/// A notification as its reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// `mention`, `change`, `reminder`, `task`
    pub kind: String,
    /// What happened, in one word: `comment`, `updated`, `deleted`, `restored`, `due`, `assigned`.
    pub what: String,
    /// The comment, event or task.
    pub source: Uuid,
    /// The record, if there is one that the reader may read.
    pub record: Option<RecordLink>,
    /// Who caused it.
    pub by: Option<Person>,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// A record that something is about.
#[derive(Clone, Debug, Serialize)]
pub struct RecordLink {
    /// Its id.
    pub id: RecordId,
    /// Its module's key.
    pub module: String,
    /// Its title.
    pub title: String,
}

impl RecordLink {
    /// The link to a record that the actor may read.
    pub fn of(faces: &HashMap<RecordId, RelatedFace>, id: RecordId) -> Option<Self> {
        let face = faces.get(&id)?;
        Some(Self { id, module: face.module.clone(), title: face.title.clone() })
    }
}

/// Gives notifications; of one source a person is told once.
pub(super) async fn tell(tx: &TenantTx, at: DateTime<Utc>, notices: &[NewNotice]) -> Result<(), DbError> {
    match notices.is_empty() {
        true => Ok(()),
        false => store::insert_all(tx, at, notices).await,
    }
}

/// The actor's own notifications, newest first, after one of an earlier page; or only those not yet read.
pub async fn list(work: &Work, after: Option<Uuid>, unread: bool) -> Result<Listed<Notification>, Error> {
    let mut shown = Vec::new();
    let mut after = after;
    // What is hidden from the reader leaves room for what is not.
    while shown.len() <= PAGE {
        let rows = store::list(work, after, unread, PAGE as i64 + 1).await?;
        let Some(last) = rows.last().map(|row| row.id.0).filter(|_| rows.len() > PAGE) else {
            shown.extend(visible(work, rows).await?);
            break;
        };
        after = Some(last);
        shown.extend(visible(work, rows).await?);
    }
    Ok(Listed::cut(shown, |notification| notification.id.0))
}

/// How many notifications the actor has not read, at most [`UNREAD`].
pub async fn unread(work: &Work) -> Result<usize, Error> {
    let rows = store::list(work, None, true, UNREAD as i64).await?;
    Ok(visible(work, rows).await?.len())
}

/// Marks own notifications as read: these, or all.
pub async fn read(work: &Work, ids: Option<&[NotificationId]>) -> Result<(), Error> {
    store::mark_read(work, ids).await?;
    Ok(())
}

/// Marks one as read; it must be the actor's own.
pub async fn read_one(work: &Work, id: NotificationId) -> Result<(), Error> {
    match store::mark_read(work, Some(&[id])).await? {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// Whether the actor knows of any of the fields that changed: of a change that they cannot see nobody is told.
fn is_known(work: &Work, row: &store::Stored) -> bool {
    let Some((module, keys)) = &row.changed else { return true };
    let Some(module) = work.schema.by_number(*module) else { return false };
    let known = |key: &String| module.field(key).is_some() || SystemField::named(key).is_some();
    keys.is_empty() || keys.iter().any(known)
}

/// Those whose record the actor may read today. A task without a record is its assignee's business. A record in the
/// trash is told of no more, but for its way there.
async fn visible(work: &Work, rows: Vec<store::Stored>) -> Result<Vec<Notification>, Error> {
    let records: Vec<RecordId> = rows.iter().filter_map(|row| row.record).collect();
    let faces = record::places(work, &records).await?;
    let titles = record::titles(work, &records).await?;
    let shown = rows.into_iter().filter(|row| match row.record {
        Some(record) => titles.contains_key(&record) && is_known(work, row),
        None => true,
    });
    Ok(shown.map(|row| row.shown(&faces)).collect())
}
