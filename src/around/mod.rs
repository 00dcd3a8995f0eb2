//! What stands around a record: activities, comments, followers, tasks, notifications, files. Everything here is read
//! and written behind the rights to its record, which `record` decides; nothing here changes a record, and nothing knows
//! HTTP.

pub mod activity;
mod check;
pub mod comment;
mod error;
pub mod file;
pub mod follow;
pub mod notice;
pub mod task;

use serde::Serialize;
use uuid::Uuid;

pub use error::Error;

use crate::id::UserId;
use crate::schema::Module;
use crate::schema::definition::Feature;

/// Entries of one page.
pub const PAGE: usize = 25;

/// A page of a list, and what to go on with.
#[derive(Clone, Debug, Serialize)]
pub struct Listed<T> {
    /// The entries.
    pub data: Vec<T>,
    /// The last entry's id, if there are more.
    pub next: Option<Uuid>,
}

impl<T> Listed<T> {
    /// Of at most `PAGE + 1` entries those of one page.
    fn cut(mut data: Vec<T>, id: impl Fn(&T) -> Uuid) -> Self {
        let more = data.len() > PAGE;
        data.truncate(PAGE);
        let next = data.last().filter(|_| more).map(id);
        Self { data, next }
    }
}

/// Somebody with their name, if they are or were a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub name: Option<String>,
}

/// Ok where a module's records have the feature.
fn switched_on(module: &Module, feature: Feature) -> Result<(), Error> {
    match module.has(feature) {
        true => Ok(()),
        false => Err(Error::Off { module: module.key().to_owned(), feature }),
    }
}
