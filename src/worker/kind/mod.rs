//! The kinds of jobs, a file each. A step is given work that has begun in the name of who asked, writes what it has to
//! write, and says how far the job has come; it never commits.

mod bulk;
mod slot;

use crate::db::DbError;
use crate::job::{Held, Kind, Turn};
use crate::record;
use crate::work::{Intent, Work};

/// Why a step could not be done.
#[derive(Debug)]
pub(super) enum Failure {
    /// It never will be; a sentence for people.
    Refused(String),
    /// It may be, later.
    Again(Box<dyn std::error::Error + Send + Sync>),
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Again(Box::new(error))
    }
}

impl From<record::Error> for Failure {
    fn from(error: record::Error) -> Self {
        match error {
            record::Error::Denied(denied) => {
                Self::Refused(format!("{}.", denied.to_string().replacen("your", "Your", 1)))
            }
            record::Error::NoModule(_) | record::Error::NotFound => {
                Self::Refused("What this was about is no longer there.".to_owned())
            }
            record::Error::Invalid(invalid) => {
                let messages: Vec<&str> = invalid.errors.iter().map(|fault| fault.message.as_str()).collect();
                Self::Refused(messages.join(" "))
            }
            error => Self::Again(Box::new(error)),
        }
    }
}

/// What the next step of a job is going to do.
pub(super) fn intent(held: &Held) -> Intent {
    match Kind::named(&held.kind) {
        Some(Kind::Slot) => slot::intent(held),
        Some(Kind::Bulk) | None => Intent::Write,
    }
}

/// Does the next step of a job.
pub(super) async fn step(work: &Work, held: &Held) -> Result<Turn, Failure> {
    match Kind::named(&held.kind) {
        Some(Kind::Bulk) => bulk::step(work, held).await,
        Some(Kind::Slot) => slot::step(work, held).await,
        None => {
            Err(Failure::Refused(format!("This version of Trellis knows no jobs of the kind {}.", held.kind)))
        }
    }
}
