//! The numbers that auto_number fields give to new records.

use serde_json::{Map, Value};

use super::store;
use crate::db::DbError;
use crate::field::FieldKind;
use crate::schema::Module;
use crate::work::Work;

/// Gives every auto_number field of new records its next numbers.
pub(super) async fn assign<'d>(
    work: &Work,
    module: &Module,
    records: impl IntoIterator<Item = &'d mut Map<String, Value>>,
) -> Result<(), DbError> {
    let mut records: Vec<_> = records.into_iter().collect();
    let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
    for stored in &module.fields {
        if let FieldKind::AutoNumber(series) = &stored.field.kind
            && count > 0
        {
            let today = work.clock.now().with_timezone(&work.workspace.locale.timezone).date_naive();
            let key = format!("{}/{}", stored.id, series.series(today));
            let first = store::take_numbers(&work.tx, &key, count).await?;
            for (number, data) in (first..).zip(&mut records) {
                let text = series.render(number.unsigned_abs(), today);
                data.insert(stored.field.key.clone(), Value::String(text));
            }
        }
    }
    Ok(())
}
