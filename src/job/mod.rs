//! The queue of work in the background. A job is asked for in the transaction of what it follows from, is taken by one
//! process at a time under a lease, and is done in steps: what a step writes and how far the job has come are one
//! transaction, so that no step is lost and none is done twice. This room knows no kind of work.

mod held;
mod store;

pub use held::{Ending, Held, Turn};
pub use store::{
    advance, cancel, claim, due, end, enqueue, extend, find, forget, hand_back, list, postpone, retry,
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::id::{JobId, UserId};

/// What a job is about; `worker/kind` has a file for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The same thing done to many records.
    Bulk,
    /// Records get or lose the key of a field in its slot.
    Slot,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Bulk, Self::Slot];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bulk => "bulk",
            Self::Slot => "slot",
        }
    }

    /// The kind of a stored word; None for one that a later version has.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A job about to be queued, in the name of the work's actor.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What it is about.
    pub kind: Kind,
    /// What is to be done; never changed.
    pub payload: Value,
    /// How many things it has to do, if that is known.
    pub total: Option<i64>,
    /// Of jobs of one kind with the same key only one is open at a time.
    pub dedupe_key: Option<String>,
}

/// A job as people see it: nothing of what it was given.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its id; later jobs have greater ids.
    pub id: JobId,
    /// `bulk`, `slot`
    pub kind: String,
    /// `ready`, `running`, `done`, `failed` or `cancelled`
    pub state: String,
    /// How far it has come.
    pub progress: Progress,
    /// What came of it so far.
    pub result: Value,
    /// Why it failed, or why it is tried again.
    pub error: Option<String>,
    /// How often it was begun since it last came on.
    pub attempts: i32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: UserId,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// So many things are done, well or not.
    pub done: i64,
    /// Of so many, if that is known.
    pub total: Option<i64>,
}

/// Whose jobs are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that this person asked for.
    Own(UserId),
    /// Everybody's in the workspace.
    All,
}

impl Whose {
    fn user(self) -> Option<UserId> {
        match self {
            Self::Own(user) => Some(user),
            Self::All => None,
        }
    }
}

/// The name under which this process holds jobs.
pub fn holder() -> String {
    format!("{}-{}", std::process::id(), Uuid::now_v7().simple())
}
