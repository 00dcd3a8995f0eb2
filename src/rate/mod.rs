//! What currencies are worth: dated exchange rates of a tenant, and amounts converted by them. Rates are exact
//! decimals, never floats; this room knows no HTTP.

mod store;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

pub use store::{list, on, put};

use crate::field::currency;
use crate::line::{self, LIMIT};

/// What one unit of a currency is worth from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExchangeRate {
    /// ISO 4217 code.
    pub currency: String,
    /// The first day on which it holds; it holds until the next one.
    pub valid_on: NaiveDate,
    /// Units of the tenant's currency for one unit of this one.
    #[serde(with = "rust_decimal::serde::str")]
    pub rate: Decimal,
    /// When it was put in.
    pub set_at: DateTime<Utc>,
}

/// The rates of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    base: String,
    rates: HashMap<String, Decimal>,
}

impl Rates {
    /// Rates in terms of a tenant's own currency.
    pub fn new(base: impl Into<String>, rates: HashMap<String, Decimal>) -> Self {
        Self { base: base.into(), rates }
    }

    /// What a unit of a currency is worth in the tenant's; None where nobody has said.
    pub fn rate(&self, currency: &str) -> Option<Decimal> {
        if currency == self.base { Some(Decimal::ONE) } else { self.rates.get(currency).copied() }
    }

    /// An amount in another currency, by way of the tenant's, rounded once at the end. None where a rate is missing,
    /// or the result is beyond any amount of money.
    pub fn convert(&self, amount: Decimal, from: &str, to: &str) -> Option<Decimal> {
        let scale = currency::scale(to)?;
        if from == to {
            return Some(line::round(amount, scale));
        }
        let converted = amount.checked_mul(self.rate(from)?)?.checked_div(self.rate(to)?)?;
        Some(line::round(converted, scale)).filter(|amount| amount.abs() <= Decimal::from(LIMIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn amounts_are_converted_by_way_of_the_tenants_currency() {
        let rates = HashMap::from([("USD".into(), decimal("83.25")), ("JPY".into(), decimal("0.56"))]);
        let rates = Rates::new("INR", rates);
        let convert = |amount, from, to| rates.convert(decimal(amount), from, to).map(|sum| sum.to_string());
        assert_eq!(convert("100", "USD", "INR").as_deref(), Some("8325.00"));
        assert_eq!(convert("8325", "INR", "USD").as_deref(), Some("100.00"));
        assert_eq!(convert("1.00", "USD", "JPY").as_deref(), Some("149"), "148.66 yen have no sen");
        assert_eq!(convert("0.005", "INR", "INR").as_deref(), Some("0.01"));
        assert_eq!(convert("1.00", "EUR", "INR"), None, "nobody has said what a euro is worth");
        assert_eq!(convert("999999999999999", "USD", "INR"), None, "more than any amount of money");
    }
}
