//! Uploaded files: kept, read behind the rights to the records that refer to them, attached, and forgotten when no record
//! wants them.

mod name;
mod sniff;
mod store;

use chrono::TimeDelta;

use super::{Error, switched_on};
use crate::blob::{FileStore, Hash, Staged};
use crate::clock::Clock;
use crate::db::{DbError, TenantTx};
use crate::id::{FileId, RecordId};
use crate::limits;
use crate::record::{self, file};
use crate::schema::Module;
use crate::schema::definition::Feature;
use crate::work::Work;

pub use crate::record::file::FileFace;
use name::{disposition, named};

/// How long a file may be of no record.
const ORPHANS_KEPT: TimeDelta = TimeDelta::hours(24);

/// A file that is open for reading.
pub struct Opened {
    /// What it is called and what it is.
    pub face: FileFace,
    /// Its bytes.
    pub content: tokio::fs::File,
}

impl Opened {
    /// The type and the disposition that a browser is told: only what it never runs is called what it is, and only an
    /// image is shown in place.
    pub fn served(&self, inline: bool) -> (&str, String) {
        let image = self.face.is_image();
        let passive = image || self.face.media_type == "application/pdf";
        let media_type = if passive { self.face.media_type.as_str() } else { "application/octet-stream" };
        let kind = if inline && image { "inline" } else { "attachment" };
        (media_type, disposition(kind, &self.face.name))
    }
}

/// Keeps contents that have arrived, under a name. Until a record refers to the file, only the actor may read it.
pub async fn keep(work: &Work, store: &dyn FileStore, staged: Staged, name: &str) -> Result<FileFace, Error> {
    let (hash, size) = (staged.hash.clone(), staged.size as i64);
    let face =
        FileFace { id: FileId::new(), name: named(name), media_type: sniff::media_type(&staged.head), size };
    // The row is locked until the commit, so that nobody removes the content meanwhile.
    store::lock_content(work, &hash, size).await?;
    store.put(work.tx.tenant(), staged).await?;
    store::insert(work, &face, &hash).await?;
    Ok(face)
}

/// Opens a file that the actor may read.
pub async fn open(work: &Work, store: &dyn FileStore, id: FileId) -> Result<Opened, Error> {
    if !file::readable(work, &[id]).await?.contains(&id) {
        return Err(Error::not_found());
    }
    let (face, hash) = store::find(&work.tx, id).await?.ok_or_else(Error::not_found)?;
    let hash = Hash::stored(&hash).ok_or_else(Error::not_found)?;
    let content = store.get(work.tx.tenant(), &hash).await?;
    match content {
        Some(content) => Ok(Opened { face, content }),
        None => {
            tracing::error!(file = %id, "the content of a file is missing from the file store");
            Err(Error::not_found())
        }
    }
}

/// Files that the actor has uploaded and that no record refers to yet, newest first.
pub async fn unused(work: &Work) -> Result<Vec<FileFace>, DbError> {
    store::unused(work, limits::FILES_PER_FIELD as i64).await
}

/// The files attached to a record.
pub async fn attached(work: &Work, module: &Module, record: RecordId) -> Result<Vec<FileFace>, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Files)?;
    Ok(file::attached(&work.tx, record).await?)
}

/// Attaches files that the actor may read to a record that they may change.
pub async fn attach(
    work: &Work,
    module: &Module,
    record: RecordId,
    files: &[FileId],
) -> Result<Vec<FileFace>, Error> {
    assert_attachable(work, module, record).await?;
    if files.is_empty() || files.len() > limits::FILES_PER_FIELD {
        let message = format!("Name 1 to {} files.", limits::FILES_PER_FIELD);
        return Err(Error::fault("/files", "max", message));
    }
    let readable = file::readable(work, files).await?;
    let unknown = files.iter().enumerate().filter(|(_, id)| !readable.contains(id));
    let message = "There is no such file. Upload it first.";
    let faults: Vec<record::Fault> =
        unknown.map(|(at, _)| record::Fault::new(format!("/files/{at}"), "file", message)).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    file::attach(work, record, files).await?;
    Ok(file::attached(&work.tx, record).await?)
}

/// Ok when the actor may attach files to the record.
pub async fn assert_attachable(work: &Work, module: &Module, record: RecordId) -> Result<(), Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Files)?;
    Ok(record::assert_updatable(work, module, record).await?)
}

/// Takes a file from the attachments of a record.
pub async fn detach(work: &Work, module: &Module, record: RecordId, id: FileId) -> Result<(), Error> {
    assert_attachable(work, module, record).await?;
    match file::detach(&work.tx, record, id).await? {
        true => Ok(()),
        false => Err(Error::not_found()),
    }
}

/// Forgets files that no record has referred to for a day, and contents that no file has. Each content's row is locked
/// while its bytes go, so that whoever uploads the same at that moment waits and stores it again.
pub async fn sweep(tx: &TenantTx, store: &dyn FileStore, clock: &Clock) -> Result<usize, Error> {
    let before = clock.now() - ORPHANS_KEPT;
    let forgotten = store::forget_unused(tx, before).await?;
    for hash in store::take_unused_contents(tx, before).await? {
        if let Some(hash) = Hash::stored(&hash) {
            store.delete(tx.tenant(), &hash).await?;
        }
    }
    Ok(forgotten)
}
