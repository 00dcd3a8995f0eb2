//! A record's history, read from the audit log as far as the actor may read the record.

use serde::Serialize;
use uuid::Uuid;

use super::error::Error;
use super::read;
use crate::audit::{self, Action};
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::Work;

/// Entries of one page of history.
const PAGE: i64 = 50;

/// One change of a record.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryEntry {
    /// As the audit log has it; changes of retired and of hidden fields are left out.
    #[serde(flatten)]
    pub entry: audit::Entry,
}

/// The newest entries before `before`, and the id to go on with, if there are more. Also for records in the trash.
pub async fn history(
    work: &Work,
    module: &Module,
    id: RecordId,
    before: Option<Uuid>,
) -> Result<(Vec<HistoryEntry>, Option<Uuid>), Error> {
    read::assert_readable(work, module, id).await?;
    let mut entries = audit::of_record(work, id, before, PAGE + 1).await?;
    let more = entries.len() as i64 > PAGE;
    entries.truncate(PAGE as usize);
    let next = entries.last().filter(|_| more).map(|entry| entry.id);
    for entry in &mut entries {
        module.shown_changes(&mut entry.changes);
    }
    // What changed nothing that the actor may know of has not happened.
    entries.retain(|entry| entry.action != Action::Updated.word() || !entry.changes.is_empty());
    Ok((entries.into_iter().map(|entry| HistoryEntry { entry }).collect(), next))
}
