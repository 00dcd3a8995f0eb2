//! What can go wrong around a record.

use crate::blob;
use crate::db::DbError;
use crate::record::{self, Fault};
use crate::schema::definition::Feature;

/// Why something around a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The record itself says no, or is not there.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// Values are refused; every fault with its place.
    #[error("the values are not valid")]
    Invalid(Vec<Fault>),
    /// The module's records do not have this.
    #[error("the records of {module} have no {feature:?}")]
    Off {
        /// The module's key.
        module: String,
        /// What they do not have.
        feature: Feature,
    },
    /// Only who wrote it may change it.
    #[error("this is somebody else's")]
    NotYours,
    /// Somebody else has changed it meanwhile.
    #[error("it is at version {current} by now")]
    Stale {
        /// The version now.
        current: i32,
    },
    /// The contents of a file could not be kept or read.
    #[error("the file could not be kept or read")]
    Blob(#[from] blob::BlobError),
    /// The database failed.
    #[error("it could not be read or written")]
    Database(#[from] DbError),
}

impl Error {
    /// There is no such thing, as far as the actor may know.
    pub fn not_found() -> Self {
        Self::Record(record::Error::NotFound)
    }

    /// One fault.
    pub fn fault(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, message)])
    }
}
