//! Finding records by the value of a unique field, many at once: how an import recognises what is there already.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::error::Error;
use super::{reach, store, unique};
use crate::access::Read;
use crate::expr;
use crate::field::{Cast, Key};
use crate::id::RecordId;
use crate::schema::{Family, Module, StoredField};
use crate::work::Work;

/// A record found by a unique value.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id.
    pub id: RecordId,
    /// Its version.
    pub version: i32,
    /// The number of its stage; 0 without a pipeline.
    pub stage: i16,
    /// Its values as they are stored; None where the actor may not read the record, and may only know that the value
    /// is taken, as any attempt to use it would tell.
    pub data: Option<Map<String, Value>>,
}

/// The form in which a unique text field compares values, and under which [`by_unique`] gives them back. None for a
/// value too long to be told from others that begin alike.
pub fn unique_key(stored: &StoredField, text: &str) -> Option<String> {
    let key = match stored.field.kind.cast() {
        Cast::Text => expr::fold(text),
        _ => text.to_owned(),
    };
    (key.chars().count() < Key::TEXT_CHARS).then_some(key)
}

/// Records outside the trash whose unique field has one of some keys (see [`unique_key`]), by key.
pub async fn by_unique(
    work: &Work,
    module: &Module,
    stored: &StoredField,
    keys: &[String],
) -> Result<HashMap<String, Found>, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    if keys.is_empty() || !stored.field.unique {
        return Ok(HashMap::new());
    }
    let rows = match stored.slot.filter(|slot| slot.family() == Family::Unique) {
        Some(slot) => store::by_unique(&work.tx, module.number, slot, keys).await?,
        None => {
            let rule = stored.number.to_string();
            unique::store::records(&work.tx, module.number, &rule, keys).await?
        }
    };
    let owners: Vec<_> = rows.iter().map(|row| (row.get("id"), row.get("owner_id"))).collect();
    let readable = reach::covered(work, module, &permit, &owners).await?;
    let found = |row: &Row| Found {
        id: row.get("id"),
        version: row.get("version"),
        stage: row.get("stage"),
        data: readable.contains(&row.get("id")).then(|| known(module, row)),
    };
    Ok(rows.iter().map(|row| (row.get("key"), found(row))).collect())
}

/// The values of a row that the actor may know.
fn known(module: &Module, row: &Row) -> Map<String, Value> {
    let Json(mut data) = row.get::<_, Json<Map<String, Value>>>("data");
    data.retain(|key, _| module.field(key).is_some() && !module.masked().contains(key));
    data
}
