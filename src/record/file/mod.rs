//! Files that records refer to: which the actor may use, what they are called, and the links that say who may read them.

mod store;

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::link;
use crate::db::{DbError, TenantTx};
use crate::id::{FileId, RecordId};
use crate::schema::{Module, StoredField};
use crate::work::Work;

pub(super) use store::link_all;

/// A file as records and lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileFace {
    /// Its id.
    pub id: FileId,
    /// What it is called.
    pub name: String,
    /// What its content is, as far as its first bytes tell.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

impl FileFace {
    /// Whether it is an image that browsers show and that cannot carry scripts.
    pub fn is_image(&self) -> bool {
        ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&self.media_type.as_str())
    }
}

/// Whether a field's values are files.
pub(super) fn is_file_field(stored: &StoredField) -> bool {
    stored.field.kind.holds_files()
}

/// The files that a stored value names.
pub(super) fn ids(value: &Value) -> Vec<FileId> {
    let one = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

/// Names of files, whoever may read them: for records that refer to them and that the actor may read.
pub async fn faces(work: &Work, ids: &[FileId]) -> Result<HashMap<FileId, FileFace>, DbError> {
    match ids.is_empty() {
        true => Ok(HashMap::new()),
        false => store::faces(&work.tx, ids).await,
    }
}

/// Those of some files that the actor may read: of a record that they may read, in a field that they know of, or
/// uploaded by them and of no record yet.
pub async fn readable(work: &Work, files: &[FileId]) -> Result<HashSet<FileId>, DbError> {
    if files.is_empty() {
        return Ok(HashSet::new());
    }
    let uses = store::uses(work, files).await?;
    let records: Vec<RecordId> = uses.iter().filter_map(|used| used.record).collect();
    let titles = link::titles(work, &records).await?;
    let may = |used: &&store::Use| match used.record {
        Some(record) => titles.contains_key(&record) && used.place.is_some_and(|place| knows(work, place)),
        None => used.own,
    };
    Ok(uses.iter().filter(may).map(|used| used.file).collect())
}

/// Whether the actor sees the field that holds a file, and not only a mask of it; attachments are of no field.
fn knows(work: &Work, (module, field): (i16, i16)) -> bool {
    let Some(module) = work.schema.by_number(module) else { return false };
    let holds = |stored: &StoredField| stored.number == field && is_file_field(stored);
    field == ATTACHED || module.fields.iter().any(holds)
}

/// The links that a record's data stands for: (record, field number, file).
pub(super) fn links(
    module: &Module,
    id: RecordId,
    data: &Map<String, Value>,
) -> Vec<(RecordId, i16, FileId)> {
    let fields = module.fields.iter().filter(|stored| is_file_field(stored));
    let of_field = |stored: &StoredField| {
        let named = data.get(&stored.field.key).map(ids).unwrap_or_default();
        named.into_iter().map(|file| (id, stored.number, file)).collect::<Vec<_>>()
    };
    fields.flat_map(of_field).collect()
}

/// Renews the links of the file fields among the changed ones.
pub(super) async fn relink(
    work: &Work,
    module: &Module,
    id: RecordId,
    data: &Map<String, Value>,
    keys: &[String],
) -> Result<(), DbError> {
    let changed = |stored: &&StoredField| is_file_field(stored) && keys.contains(&stored.field.key);
    let fields: Vec<i16> = module.fields.iter().filter(changed).map(|stored| stored.number).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let mut links = links(module, id, data);
    links.retain(|(_, field, _)| fields.contains(field));
    store::unlink(&work.tx, id, &fields).await?;
    store::link_all(work, &links).await
}

/// What stands for an attachment where a field's number stands.
pub(super) const ATTACHED: i16 = 0;

/// The files attached to a record. Whether the actor may read the record is the caller's business.
pub async fn attached(tx: &TenantTx, record: RecordId) -> Result<Vec<FileFace>, DbError> {
    store::attached(tx, record).await
}

/// Attaches files to a record, or not any more. Whether the actor may is the caller's business.
pub async fn attach(work: &Work, record: RecordId, files: &[FileId]) -> Result<(), DbError> {
    let links: Vec<_> = files.iter().map(|file| (record, ATTACHED, *file)).collect();
    store::link_all(work, &links).await
}

/// Takes a file from the attachments of a record; false where it was none.
pub async fn detach(tx: &TenantTx, record: RecordId, file: FileId) -> Result<bool, DbError> {
    store::detach(tx, record, file).await
}
