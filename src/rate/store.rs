//! Exchange rates in the database. Decimals travel as texts, digit by digit.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::{ExchangeRate, Rates};
use crate::db::DbError;
use crate::work::Work;

/// The rates that hold on a day: of each currency the last one that was put in for that day or before.
pub async fn on(work: &Work, day: NaiveDate) -> Result<Rates, DbError> {
    let rows = work
        .tx
        .query(
            "select distinct on (currency) currency, rate::text as rate from exchange_rates
             where tenant_id = $1 and valid_on <= $2 order by currency, valid_on desc",
            &[&work.tx.tenant(), &day],
        )
        .await?;
    let rate = |row: &Row| Some((row.get("currency"), decimal(row)?));
    let rates: HashMap<String, Decimal> = rows.iter().filter_map(rate).collect();
    Ok(Rates::new(work.workspace.locale.currency.clone(), rates))
}

/// The newest rates first, at most `limit`; of one currency where one is named.
pub async fn list(work: &Work, currency: Option<&str>, limit: i64) -> Result<Vec<ExchangeRate>, DbError> {
    let rows = work
        .tx
        .query(
            "select currency, valid_on, rate::text as rate, set_at from exchange_rates
             where tenant_id = $1 and ($2::text is null or currency = $2)
             order by valid_on desc, currency limit $3",
            &[&work.tx.tenant(), &currency, &limit],
        )
        .await?;
    let rate = |row: &Row| {
        let (currency, valid_on, set_at) = (row.get("currency"), row.get("valid_on"), row.get("set_at"));
        Some(ExchangeRate { currency, valid_on, rate: decimal(row)?, set_at })
    };
    Ok(rows.iter().filter_map(rate).collect())
}

/// Says what a currency is worth from a day on; what was said of that day before is replaced.
pub async fn put(
    work: &Work,
    currency: &str,
    day: NaiveDate,
    rate: Decimal,
) -> Result<ExchangeRate, DbError> {
    let now = work.clock.now();
    work.tx
        .execute(
            "insert into exchange_rates (tenant_id, currency, valid_on, rate, set_by, set_at)
             values ($1, $2, $3, $4::text::numeric, $5, $6)
             on conflict (tenant_id, currency, valid_on)
             do update set rate = excluded.rate, set_by = excluded.set_by, set_at = excluded.set_at",
            &[&work.tx.tenant(), &currency, &day, &rate.to_string(), &work.actor.user, &now],
        )
        .await?;
    Ok(ExchangeRate { currency: currency.to_owned(), valid_on: day, rate, set_at: now })
}

fn decimal(row: &Row) -> Option<Decimal> {
    row.get::<_, &str>("rate").parse().ok()
}
