//! What follows from a write of lines and of products: overridden prices in the audit log, new prices in the history.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::store::{self, Money, NewPrice};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::field::FieldKind;
use crate::field::lines::{Line, Lines};
use crate::record::change::Change;
use crate::schema::Module;
use crate::work::Work;

/// Writes down what some changes, whose data is now as given and whose version is the last of each, did to prices.
pub(in crate::record) async fn follow(
    work: &Work,
    module: &Module,
    written: &[(&Change, &Map<String, Value>, i32)],
) -> Result<(), DbError> {
    let entries: Vec<NewEntry> = written
        .iter()
        .flat_map(|(change, data, version)| overrides(module, change, data, *version))
        .collect();
    if !entries.is_empty() {
        audit::append_all(work, &entries).await?;
    }
    let prices: Vec<NewPrice> =
        written.iter().filter_map(|(change, data, _)| new_price(module, change, data)).collect();
    if !prices.is_empty() {
        store::append_prices(work, &prices).await?;
    }
    Ok(())
}

/// One entry for every line whose price is not the one that it would have had: the product's for a new line, the
/// former one for another.
fn overrides(module: &Module, change: &Change, data: &Map<String, Value>, version: i32) -> Vec<NewEntry> {
    let mut entries = Vec::new();
    for stored in module.fields.iter().filter(|stored| matches!(stored.field.kind, FieldKind::LineItems(_))) {
        let key = &stored.field.key;
        let before = Lines::stored(change.old(key));
        let Some(lines) = data.get(key).and_then(Lines::stored) else { continue };
        let former: HashMap<&str, &Line> = before
            .iter()
            .flat_map(|lines| &lines.rows)
            .filter_map(|row| Some((row.id.as_deref()?, row)))
            .collect();
        for (_, row) in lines.live() {
            let known = row.id.as_deref().and_then(|id| former.get(id));
            let usual = known.map_or(row.list_price, |known| known.unit_price);
            if let (Some(from), Some(to)) = (usual, row.unit_price.filter(|price| usual != Some(*price))) {
                let side = |price: Decimal| side(&lines, row, price);
                let changes = Map::from_iter([(key.clone(), json!({"from": side(from), "to": side(to)}))]);
                entries.push(NewEntry {
                    action: Action::PriceOverridden,
                    module: Some(module.number),
                    record: Some(change.id),
                    version: Some(version),
                    changes,
                });
            }
        }
    }
    entries
}

fn side(lines: &Lines, row: &Line, price: Decimal) -> Value {
    let price = format!("{price:.*}", lines.scale() as usize);
    json!({"line": row.id, "name": row.name, "unit_price": price, "currency": lines.currency})
}

/// The price and cost of a product, where one of them is new.
fn new_price(module: &Module, change: &Change, data: &Map<String, Value>) -> Option<NewPrice> {
    let product = super::definition(module)?;
    let keys = std::iter::once(&product.price).chain(&product.cost);
    let is_new = |key: &String| change.old(key) != data.get(key).unwrap_or(&Value::Null);
    if !keys.into_iter().any(is_new) {
        return None;
    }
    let cost = product.cost.as_ref().and_then(|key| data.get(key));
    Some(NewPrice { product: change.id, price: money(data.get(&product.price)), cost: money(cost) })
}

fn money(value: Option<&Value>) -> Money {
    let part = |key| value.and_then(|value| value.get(key)).and_then(Value::as_str).map(str::to_owned);
    (part("amount"), part("currency"))
}
