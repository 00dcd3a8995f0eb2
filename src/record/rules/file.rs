//! A file that a record refers to must be one that the actor may read; an image must be one.

use serde_json::Value;

use crate::db::DbError;
use crate::field::FieldKind;
use crate::id::FileId;
use crate::record::change::Change;
use crate::record::error::{Fault, pointer};
use crate::record::file;
use crate::schema::Module;
use crate::work::Work;

/// Adds a fault for every new file that is not there for the actor, or is not of the kind that its field wants.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), DbError> {
    if !module.fields.iter().any(file::is_file_field) {
        return Ok(());
    }
    let named: Vec<FileId> =
        changes.iter().flat_map(|change| news(module, change)).map(|(_, id)| id).collect();
    let readable = file::readable(work, &named).await?;
    let faces = file::faces(work, &named).await?;
    for change in changes {
        let mut faults = Vec::new();
        for (key, id) in news(module, change) {
            let image = matches!(module.field(key).map(|s| &s.field.kind), Some(FieldKind::Image(_)));
            if !readable.contains(&id) {
                faults.push(Fault::new(pointer(key), "file", "There is no such file. Upload it first."));
            } else if image && !faces.get(&id).is_some_and(file::FileFace::is_image) {
                faults.push(Fault::new(pointer(key), "image", "Choose a PNG, JPEG, GIF or WebP image."));
            }
        }
        change.faults.extend(faults);
    }
    Ok(())
}

/// Files that stand in a changed field and did not stand in it before.
fn news<'c>(module: &'c Module, change: &'c Change) -> impl Iterator<Item = (&'c str, FileId)> {
    let of_files = |key: &String| module.field(key).is_some_and(file::is_file_field);
    change.news().filter(move |(key, _)| of_files(key)).flat_map(|(key, value): (&String, &Value)| {
        let before = file::ids(change.old(key));
        let new = file::ids(value).into_iter().filter(move |id| !before.contains(id));
        new.map(|id| (key.as_str(), id))
    })
}
