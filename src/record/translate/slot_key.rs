//! Fixed values as slots keep them, and how far a slot can be trusted to compare them.

use chrono::{NaiveTime, TimeZone, Utc};
use rust_decimal::Decimal;

use crate::expr::{self, Value};
use crate::field::{Cast, Key};

/// Decimals that a stored number has at most.
const STORED_DECIMALS: u32 = 10;

/// A fixed value as a slot's key.
pub(super) enum SlotKey {
    /// Comparing slots decides.
    Exact(Key),
    /// Comparing slots narrows only.
    Rounded(Key),
}

/// The key of a value in a slot of this cast; None where slots say nothing about it.
pub(super) fn slot_key(value: &Value, cast: Cast) -> Option<SlotKey> {
    Some(match (cast, value) {
        (Cast::Text | Cast::Place, Value::Text(text)) => SlotKey::Exact(Key::Text(short(expr::fold(text))?)),
        (Cast::Exact, Value::Text(text)) => SlotKey::Exact(Key::Text(short(text.clone())?)),
        (Cast::Number | Cast::Amount, Value::Number(number)) => {
            let key = Key::number(*number);
            if is_exact_enough(*number) { SlotKey::Exact(key) } else { SlotKey::Rounded(key) }
        }
        (Cast::Boolean, Value::Boolean(flag)) => SlotKey::Exact(Key::Number(f64::from(u8::from(*flag)))),
        (Cast::Date, Value::Date(date)) => {
            SlotKey::Exact(Key::Instant(Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN))))
        }
        (Cast::Instant, Value::Instant(at)) => SlotKey::Exact(Key::Instant(*at)),
        _ => return None,
    })
}

/// A text that slots do not cut.
pub(super) fn short(text: String) -> Option<String> {
    (text.chars().count() < Key::TEXT_CHARS).then_some(text)
}

/// Whether float8 tells a number from every other one that may be stored: below 2^52 / 10^10 neighbours with ten
/// decimals stay apart.
fn is_exact_enough(number: Decimal) -> bool {
    number.abs() < Decimal::from(450_000) && number.normalize().scale() <= STORED_DECIMALS
}
