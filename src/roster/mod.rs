//! Who belongs where: members with their roles, and teams. Every change asks for the right to manage members, and is
//! audited. Nothing in this room reads records.

mod member;
mod store;
mod team;

pub use member::{MemberFace, MemberPatch, change as change_member, list as members};
pub use team::{
    NewTeam, Team, TeamPatch, change as change_team, create as create_team, delete as delete_team,
};
pub use team::{exists as has_team, list as teams};

use crate::access::Forbidden;
use crate::db::DbError;

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The actor may not manage members.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such member or team.
    #[error("there is no such member or team")]
    NotFound,
    /// Some values are refused; each with its place.
    #[error("{} value(s) refused", .0.len())]
    Invalid(Vec<Fault>),
    /// It collides with what is there.
    #[error("{0}")]
    Conflict(String),
    /// The database failed.
    #[error("the roster could not be read or written")]
    Database(#[from] DbError),
}

/// A value that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer, such as `/role`.
    pub pointer: &'static str,
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Fault {
    fn new(pointer: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer, code, message: message.into() }
    }
}

/// Ok when there are no faults.
fn unless_empty(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
