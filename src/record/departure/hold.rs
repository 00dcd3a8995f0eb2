//! Why a record cannot go: those that hold it back, as far as the actor may know them.

use std::collections::{BTreeMap, BTreeSet};

use super::consequence::Pointer;
use crate::db::DbError;
use crate::id::RecordId;
use crate::record::error::Error;
use crate::record::link;
use crate::work::Work;

/// Titles that are told of a module.
const TOLD: usize = 3;

/// The refusal. Records that the actor may not read, or whose relation is kept from the role, are not counted, and that
/// there are any is said only where nothing else is the reason: the refusal itself tells as much.
pub(super) async fn refusal(work: &Work, pointers: &[Pointer]) -> Result<Error, DbError> {
    let known: BTreeSet<RecordId> =
        pointers.iter().filter(|pointer| is_known(work, pointer)).map(|pointer| pointer.from).collect();
    let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let ids: Vec<RecordId> = known.into_iter().collect();
    let mut faces = link::faces(work, &ids).await?;
    for face in ids.iter().filter_map(|id| faces.remove(id)) {
        titles.entry(face.module).or_default().push(face.title);
    }
    let told: Vec<String> = titles.iter().filter_map(|(module, titles)| told(work, module, titles)).collect();
    Ok(Error::InUse(match told.is_empty() {
        true => "Other records still point to this one, and they are kept.".to_owned(),
        false => {
            format!("It is still in use by {}. Change or delete what uses it first.", told.join(" and by "))
        }
    }))
}

/// `2 deals ("Fleet", "Office")`
fn told(work: &Work, module: &str, titles: &[String]) -> Option<String> {
    let label = &work.schema.module(module)?.definition.label;
    let names: Vec<String> = titles.iter().take(TOLD).map(|title| format!("“{title}”")).collect();
    let more = if titles.len() > TOLD { ", …" } else { "" };
    let what = if titles.len() == 1 { &label.one } else { &label.many };
    Some(format!("{} {} ({}{more})", titles.len(), what.to_lowercase(), names.join(", ")))
}

/// Whether the actor's role sees the relation.
fn is_known(work: &Work, pointer: &Pointer) -> bool {
    let module = work.schema.by_number(pointer.module);
    let field = module.and_then(|module| module.fields.iter().find(|stored| stored.number == pointer.field));
    field.is_some_and(|stored| stored.link().is_some())
}
