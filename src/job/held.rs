//! What a worker holds of a job, and what it leaves behind.

use serde_json::Value;

use super::Progress;
use crate::id::{JobId, UserId};
use crate::work::Channel;

/// A job that this process holds. The lease is the proof: whoever has claimed the job since holds a greater one, and
/// every statement that takes this does nothing then.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its id.
    pub id: JobId,
    /// The stored word of its kind.
    pub kind: String,
    /// What is to be done.
    pub payload: Value,
    /// Where the last step ended; null before the first.
    pub position: Value,
    /// What came of it so far.
    pub result: Value,
    /// How far it has come.
    pub progress: Progress,
    /// How often it was begun since it last came on, this time included.
    pub attempts: i32,
    /// How often it may be.
    pub max_attempts: i32,
    /// The fencing token.
    pub lease: i64,
    /// In whose name it runs.
    pub created_by: UserId,
    /// How it came in.
    pub channel: Channel,
}

/// What a step leaves behind.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Where the next one goes on.
    pub position: Value,
    /// What came of all steps so far.
    pub result: Value,
    /// How far the job has come.
    pub progress: Progress,
    /// Whether nothing is left to do.
    pub finished: bool,
}

/// How a job ends without being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It cannot be done, or was tried too often. Somebody may have it tried again.
    Failed,
    /// Somebody called it off.
    Cancelled,
}

impl Ending {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}
