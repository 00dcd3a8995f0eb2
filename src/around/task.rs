//! What somebody is to do, of a record or of none, with a reminder.

mod change;
mod store;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::notice::{self, NewNotice, RecordLink};
use super::{Error, Listed, PAGE, Person};
use crate::clock::Clock;
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, TaskId, UserId};
use crate::record;
use crate::schema::Module;
use crate::work::Work;

pub use change::{TaskInput, add, update};

/// Reminders that are given in one transaction.
const REMINDERS: i64 = 1_000;

/// How much a task matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the field's own")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

impl Priority {
    /// Every priority, least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// The priority of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }
}

/// A task.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "as in TaskInput")]
pub struct Task {
    pub id: TaskId,
    /// Grows by one with every change.
    pub version: i32,
    pub title: String,
    pub body: String,
    pub priority: String,
    pub due_at: Option<DateTime<Utc>>,
    pub reminder_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
    /// It is due and not done.
    pub overdue: bool,
    pub assignee: Person,
    /// Its record, if it has one that the actor may read.
    pub record: Option<RecordLink>,
    pub created_by: Person,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// The record that it belongs to, for the right to it.
    #[serde(skip)]
    pub of: Option<RecordId>,
}

/// Which of the tasks that concern the actor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Open ones that the actor is to do.
    #[default]
    Mine,
    /// Open ones that the actor gave to others or to themself.
    Given,
    /// Those of `Mine` that are overdue.
    Overdue,
    /// Done ones that the actor was to do.
    Done,
}

impl Which {
    /// The list of a word.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "mine" => Some(Self::Mine),
            "given" => Some(Self::Given),
            "overdue" => Some(Self::Overdue),
            "done" => Some(Self::Done),
            _ => None,
        }
    }
}

/// The actor's tasks, the most urgent first, after one of an earlier page.
pub async fn list(work: &Work, which: Which, after: Option<Uuid>) -> Result<Listed<Task>, Error> {
    let rows = store::list(work, which, after, PAGE as i64 + 1).await?;
    let tasks = store::faced(work, rows).await?;
    Ok(Listed::cut(tasks, |task| task.id.0))
}

/// The tasks of a record, open ones first, after one of an earlier page. Who may read the record may read them.
pub async fn of_record(
    work: &Work,
    module: &Module,
    record: RecordId,
    after: Option<Uuid>,
) -> Result<Listed<Task>, Error> {
    record::assert_readable(work, module, record).await?;
    let rows = store::of_record(work, record, after, PAGE as i64 + 1).await?;
    let tasks = store::faced(work, rows).await?;
    Ok(Listed::cut(tasks, |task| task.id.0))
}

/// A task, if it is the actor's, given by the actor, or of a record that the actor may read.
pub async fn get(work: &Work, id: TaskId) -> Result<Task, Error> {
    let row = store::find(work, id).await?.ok_or_else(Error::not_found)?;
    let concerned = concerns(work, &row);
    let task = store::faced(work, vec![row]).await?.pop().ok_or_else(Error::not_found)?;
    match concerned || task.record.is_some() {
        true => Ok(task),
        false => Err(Error::not_found()),
    }
}

fn concerns(work: &Work, task: &Task) -> bool {
    [task.assignee.id, task.created_by.id].contains(&work.actor.user)
}

/// Reminds the assignees of tasks whose reminder is due. Marking the task and telling are one transaction, and several
/// nodes pass each other by, so each reminder is given once. False once there may be no more.
pub async fn remind(tx: &TenantTx, clock: &Clock) -> Result<bool, DbError> {
    let due = store::take_reminders(tx, clock.now(), REMINDERS).await?;
    let more = due.len() as i64 == REMINDERS;
    let reminder = |(task, user): (TaskId, UserId)| NewNotice {
        user,
        kind: notice::Kind::Reminder,
        what: "due",
        // The task is the assignee's business whether or not they may read its record.
        record: None,
        source: task.0,
        by: None,
    };
    let notices: Vec<NewNotice> = due.into_iter().map(reminder).collect();
    notice::tell(tx, clock.now(), &notices).await?;
    Ok(more)
}
