//! What a product has cost over time, as far as the actor may read the product.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::store::{self, Money};
use crate::field::FieldKind;
use crate::id::{RecordId, UserId};
use crate::line;
use crate::record::error::Error;
use crate::record::output::Named;
use crate::record::{link, read};
use crate::schema::Module;
use crate::work::Work;

/// Entries of a history at most.
const ENTRIES: i64 = 500;

/// An amount with its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// With the digits of the currency's minor unit.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

/// What a product costs from a moment on.
#[derive(Clone, Debug, Serialize)]
pub struct PriceEntry {
    /// From when on.
    pub valid_from: DateTime<Utc>,
    /// The default price.
    pub price: Option<Price>,
    /// What it costs ourselves.
    pub cost: Option<Price>,
    /// (price − cost) / price in percent, with two digits; None where the currencies differ or a side is missing.
    pub margin: Option<String>,
    /// Who said so.
    pub by: Option<Named<UserId>>,
}

/// The prices of a product, the newest first. Not found where the module has no products.
pub async fn prices(work: &Work, module: &Module, id: RecordId) -> Result<Vec<PriceEntry>, Error> {
    if super::definition(module).is_none_or(|product| !is_known(module, &product.price)) {
        return Err(Error::NotFound);
    }
    read::assert_readable(work, module, id).await?;
    let rows = store::prices(&work.tx, id, ENTRIES).await?;
    let people: Vec<UserId> = rows.iter().filter_map(|row| row.by).collect();
    let names = link::names(work, &people).await?;
    Ok(rows.into_iter().map(|row| entry(row, &names)).collect())
}

fn is_known(module: &Module, key: &str) -> bool {
    module.field(key).is_some_and(|stored| matches!(stored.field.kind, FieldKind::Money(_)))
}

fn entry(row: store::PriceRow, names: &HashMap<UserId, String>) -> PriceEntry {
    let (price, cost) = (price(row.price), price(row.cost));
    PriceEntry {
        valid_from: row.valid_from,
        margin: margin(price.as_ref(), cost.as_ref()),
        price,
        cost,
        by: row.by.map(|id| Named { id, name: names.get(&id).cloned() }),
    }
}

fn price((amount, currency): Money) -> Option<Price> {
    Some(Price { amount: amount?, currency: currency? })
}

fn margin(price: Option<&Price>, cost: Option<&Price>) -> Option<String> {
    let (price, cost) = (price?, cost?);
    let amount = |price: &Price| price.amount.parse::<Decimal>().ok();
    let (asked, paid) = (amount(price)?, amount(cost)?);
    let share = (asked - paid).checked_div(asked).filter(|_| price.currency == cost.currency)?;
    Some(line::round(share * Decimal::ONE_HUNDRED, 2).to_string())
}
