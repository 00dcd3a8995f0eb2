//! Values that are computed: brought from the expression language into a field's stored form.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::{FieldKind, Locale, currency};
use crate::expr;

/// A computed value in the field's stored form, rounded to the digits that the field keeps, halves away from zero. An
/// amount of money is in `currency`, else in the field's or the tenant's. None for null, and for what the field cannot
/// hold: too large, too long, of another currency, no option.
pub fn settled(
    kind: &FieldKind,
    value: &expr::Value,
    currency: Option<&str>,
    locale: &Locale,
) -> Option<Value> {
    let raw = match (kind, value) {
        (FieldKind::Money(money), expr::Value::Number(number)) => {
            let code = currency.or(money.currency.as_deref()).unwrap_or(&locale.currency);
            json!({"amount": rounded(*number, currency::scale(code)?), "currency": code})
        }
        (FieldKind::Decimal(decimal), expr::Value::Number(number)) => {
            rounded(*number, decimal.scale()).into()
        }
        (FieldKind::Percent(percent), expr::Value::Number(number)) => {
            rounded(*number, percent.scale()).into()
        }
        (FieldKind::Integer(_), expr::Value::Number(number)) => rounded(*number, 0).into(),
        (_, expr::Value::Null) => return None,
        (_, expr::Value::Number(number)) => number.normalize().to_string().into(),
        (_, expr::Value::Text(text)) => text.clone().into(),
        (_, expr::Value::Boolean(flag)) => Value::Bool(*flag),
        (_, expr::Value::Date(day)) => day.to_string().into(),
        (_, expr::Value::Instant(at)) => at.to_rfc3339().into(),
        (_, expr::Value::List(items)) => items.clone().into(),
    };
    kind.normalise(raw, locale).ok()
}

/// The currency of a stored amount of money; None for values of other types.
pub fn currency_of<'v>(kind: &FieldKind, value: &'v Value) -> Option<&'v str> {
    match kind {
        FieldKind::Money(_) => value.get("currency")?.as_str(),
        _ => None,
    }
}

fn rounded(number: Decimal, scale: u32) -> String {
    number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}
