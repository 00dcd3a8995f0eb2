//! Going over a module's records to bring their slots up to the schema: keys of a field that has got a slot, and none of
//! one that has lost it. `data` is the truth; neither it nor versions nor history change.

mod store;

use serde_json::{Map, Value};
use tokio_postgres::types::Json;

use super::error::Error;
use super::store::SlotColumns;
use super::values;
use crate::id::RecordId;
use crate::schema::{Module, Slot};
use crate::work::Work;

/// Brings the slots of the next records after one up to the schema, also of those in the trash, at most `limit`; how many
/// there were, and the last of them. Writers wait for it no longer than for any other writer, and fill the same slots.
pub async fn refresh(
    work: &Work,
    module: &Module,
    after: RecordId,
    limit: usize,
) -> Result<(usize, Option<RecordId>), Error> {
    let rows = store::lock_next(&work.tx, module.number, after, limit as i64).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.get("id")).collect();
    let mut columns = SlotColumns::default();
    for row in &rows {
        let Json(data) = row.get::<_, Json<Map<String, Value>>>("data");
        let title: &str = row.get("title");
        let keys: Vec<_> = Slot::all().map(|slot| values::slot_key(module, &data, title, slot)).collect();
        columns.push(&keys);
    }
    store::update(&work.tx, &ids, &columns).await?;
    Ok((ids.len(), ids.last().copied()))
}

/// How many records a module has, also in the trash.
pub async fn records(work: &Work, module: &Module) -> Result<i64, Error> {
    Ok(store::count(&work.tx, module.number).await?)
}
