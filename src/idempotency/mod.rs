//! Answers to requests that may come twice, each kept in the transaction of what the request did: whoever asks again gets
//! the first answer, and nothing is done twice. This room knows keys and answers, and nothing of what is asked.

mod store;

pub use store::{claim, find, keep};

use chrono::TimeDelta;
use serde_json::{Map, Value};

/// How long an answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers that matter, by name.
    pub headers: Map<String, Value>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is kept under a key.
#[derive(Clone, Debug)]
pub struct Kept {
    /// SHA-256 of what was asked.
    pub request: Vec<u8>,
    /// What came of it; None while it is under way.
    pub answer: Option<Answer>,
}

/// A key of one person, with what they ask under it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The person.
    pub user: crate::id::UserId,
    /// The key.
    pub key: String,
    /// SHA-256 of what is asked.
    pub request: Vec<u8>,
}
