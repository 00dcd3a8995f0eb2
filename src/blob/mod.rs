//! Bytes outside the database, kept by their SHA-256. A [`FileStore`] keeps each tenant's contents apart, so that nobody
//! learns from it what others have. This room knows no table.

mod disk;
mod hash;

use std::path::PathBuf;

use futures_util::future::BoxFuture;

pub use disk::{LocalDisk, Staging};
pub use hash::Hash;

use crate::id::TenantId;

/// Why contents could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk refused.
    #[error("the file store failed at {path}")]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Contents that have arrived and are not kept yet. Dropped, they are gone.
#[derive(Debug)]
pub struct Staged {
    /// Their SHA-256.
    pub hash: Hash,
    /// How many bytes.
    pub size: u64,
    /// The first bytes, from which their type is told.
    pub head: Vec<u8>,
    file: disk::Draft,
}

/// A place for contents.
pub trait FileStore: Send + Sync {
    /// Begins to take contents in.
    fn stage(&self) -> BoxFuture<'_, Result<Staging, BlobError>>;

    /// Keeps contents, for good once this returns. Keeping the same again changes nothing.
    fn put(&self, tenant: TenantId, staged: Staged) -> BoxFuture<'_, Result<(), BlobError>>;

    /// Opens contents; None where there are none.
    fn get<'a>(
        &'a self,
        tenant: TenantId,
        hash: &'a Hash,
    ) -> BoxFuture<'a, Result<Option<tokio::fs::File>, BlobError>>;

    /// Removes contents; it is fine if there are none.
    fn delete<'a>(&'a self, tenant: TenantId, hash: &'a Hash) -> BoxFuture<'a, Result<(), BlobError>>;
}
