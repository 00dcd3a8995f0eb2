//! The outbox: events are written in the transaction of the change they tell of, so none is lost and none tells of a
//! change that was rolled back. A worker delivers them.

mod store;

pub use store::{publish, publish_all};

use serde_json::Value;

use crate::id::RecordId;

/// An event about a record.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// The record's module, by number.
    pub module: i16,
    /// The record.
    pub record: RecordId,
    /// Its version after the change.
    pub version: i32,
    /// What changed: field keys for an update, else null. Never values: readers look them up with their own rights.
    pub payload: Value,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    RecordCreated,
    RecordUpdated,
    RecordDeleted,
    RecordRestored,
}

impl Kind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::RecordCreated => "record.created",
            Self::RecordUpdated => "record.updated",
            Self::RecordDeleted => "record.deleted",
            Self::RecordRestored => "record.restored",
        }
    }
}
