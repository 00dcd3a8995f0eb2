//! Records whose stage goes away move to another one, with everything that follows from a move.

use futures_util::future::try_join4;
use serde_json::{Map, Value, json};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::totals::Holding;
use super::{history, store, totals};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::event::{self, Event, Kind};
use crate::id::RecordId;
use crate::record::change;
use crate::schema::Module;
use crate::work::Work;

/// Records of one statement.
const BATCH: i64 = 1_000;

/// How many records are in some stages of a module, the trash included, up to one more than `cap`.
pub async fn held(work: &Work, module: &Module, stages: &[i16], cap: i64) -> Result<i64, DbError> {
    store::held(&work.tx, module.number, stages, cap).await
}

/// Moves every record of a stage to another one of the module. Gates are not asked: the stage goes away. Work must hold
/// the schema.
pub async fn relocate(work: &Work, module: &Module, from: i16, to: i16) -> Result<(), DbError> {
    let by = (work.actor.user, work.clock.now());
    loop {
        let rows = store::relocate(&work.tx, module.number, (from, to), by, BATCH).await?;
        if rows.is_empty() {
            return Ok(());
        }
        follow(work, module, (from, to), &rows).await?;
    }
}

async fn follow(work: &Work, module: &Module, (from, to): (i16, i16), rows: &[Row]) -> Result<(), DbError> {
    let ids: Vec<(RecordId, i16, Option<&str>)> = rows.iter().map(|row| (row.get("id"), to, None)).collect();
    let changes = change::stages(module, from, to);
    let keys = json!(changes.keys().collect::<Vec<_>>());
    let (mut entries, mut events, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let (id, version): (RecordId, i32) = (row.get("id"), row.get("version"));
        entries.push(NewEntry {
            action: Action::Updated,
            module: Some(module.number),
            record: Some(id),
            version: Some(version),
            changes: changes.clone(),
        });
        let (kind, module_number, payload) = (Kind::RecordUpdated, module.number, keys.clone());
        events.push(Event { kind, module: module_number, record: id, version, payload });
        if !row.get::<_, bool>("deleted") {
            let Json(data) = row.get::<_, Json<Map<String, Value>>>("data");
            before.extend(Holding::of(module, from, &data));
            after.extend(Holding::of(module, to, &data));
        }
    }
    try_join4(
        history::moved(work, module, &ids),
        audit::append_all(work, &entries),
        event::publish_all(work, &events),
        totals::changed(&work.tx, module, &before, &after),
    )
    .await?;
    Ok(())
}
