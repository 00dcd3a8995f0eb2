//! What can go wrong with records.

use serde::Serialize;

use super::duplicate::Candidate;
use crate::access::Denied;
use crate::db::DbError;
use crate::expr::OutOfFuel;
use crate::field::Reject;
use crate::schema::Module;

/// The code of a fault at a key that no field has.
pub(super) const UNKNOWN_FIELD: &str = "unknown_field";

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The actor's role does not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such module, as far as the actor may know.
    #[error("there is no module {0}")]
    NoModule(String),
    /// There is no such record, as far as the actor may know.
    #[error("there is no such record")]
    NotFound,
    /// Values or query parameters are refused; every fault with its place.
    #[error("the values are not valid")]
    Invalid(#[from] Invalid),
    /// Somebody else has changed the record meanwhile.
    #[error("the record is at version {current} by now")]
    Stale {
        /// The record's version now.
        current: i32,
    },
    /// Others point to the record, and their relations hold it back; what holds it, in a sentence.
    #[error("the record is in use")]
    InUse(String),
    /// More records would go or change with it than one request may move.
    #[error("more records depend on this one than can be moved at once")]
    TooManyDependents,
    /// The database failed.
    #[error("the record could not be read or written")]
    Database(#[from] DbError),
    /// More records than one request changes.
    #[error("more than {limit} records have a value, and one request changes no more")]
    TooMany {
        /// How many are too many.
        limit: i64,
    },
    /// An expression did not come to an end within its budget.
    #[error("an expression took too many steps")]
    OutOfFuel,
}

impl From<OutOfFuel> for Error {
    fn from(_: OutOfFuel) -> Self {
        Self::OutOfFuel
    }
}

/// Every fault of a request's values.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} value(s) refused", errors.len())]
pub struct Invalid {
    /// In the order of the fields.
    pub errors: Vec<Fault>,
}

/// One fault, at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request, such as `/data/email`; for query parameters `/query/filter`.
    pub pointer: String,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The record that is there already, if that is what is wrong and the actor may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Box<Candidate>>,
}

impl Fault {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: message.into(), candidate: None }
    }

    /// A field's refusal of its value.
    pub(super) fn of_field(key: &str, reject: Reject) -> Self {
        Self::new(pointer(key) + &reject.at, reject.code, reject.message)
    }

    /// The key of the field concerned, if the fault is a field's.
    pub fn field(&self) -> Option<&str> {
        self.pointer.strip_prefix("/data/")?.split('/').next()
    }
}

impl Invalid {
    /// Ok when there are no faults.
    pub(super) fn unless_empty(errors: Vec<Fault>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self { errors }) }
    }
}

impl Invalid {
    /// The faults as they are told to somebody who sees this of the module: what is wrong with a value that is kept
    /// from them is said without naming it.
    pub(super) fn told(self, module: &Module) -> Self {
        let is_kept = |fault: &Fault| {
            let known = |key: &str| module.field(key).is_none() && module.whole().field(key).is_some();
            // What the caller named is told as any name is that nobody knows.
            fault.code != UNKNOWN_FIELD && fault.field().is_some_and(known)
        };
        let (kept, mut errors): (Vec<Fault>, Vec<Fault>) = self.errors.into_iter().partition(is_kept);
        if !kept.is_empty() {
            let message = "Something that your role does not see does not allow this. Ask an administrator.";
            errors.push(Fault::new("/data", "kept", message));
        }
        Self { errors }
    }
}

impl Error {
    /// As it is told to somebody who sees this of the module.
    pub(super) fn told(self, module: &Module) -> Self {
        match self {
            Self::Invalid(invalid) => invalid.told(module).into(),
            error => error,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Invalid(Invalid { errors: vec![fault] })
    }
}

/// The pointer of a field's value, with the escapes of RFC 6901 §3.
pub(super) fn pointer(key: &str) -> String {
    format!("/data/{}", key.replace('~', "~0").replace('/', "~1"))
}
