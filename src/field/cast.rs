//! What follows from how a value is kept: its sort and compare key, and what it is in expressions.

use chrono::NaiveTime;
use serde_json::Value;

use super::kind::{address, date, date_time, items};
use super::number;
use super::value::{Cast, Key};
use crate::expr;

impl Cast {
    /// The key of a stored value; none where values have no order.
    pub(super) fn key(self, value: &Value) -> Option<Key> {
        match self {
            Self::Text => value.as_str().map(|text| Key::text(&expr::fold(text))),
            Self::Exact | Self::Option => value.as_str().map(Key::text),
            Self::Number => number::key(value),
            Self::Amount => value.get("amount").and_then(number::key),
            Self::Boolean => value.as_bool().map(|value| Key::Number(f64::from(u8::from(value)))),
            Self::Date => {
                date::stored_day(value).map(|day| Key::Instant(day.and_time(NaiveTime::MIN).and_utc()))
            }
            Self::Instant => date_time::stored_instant(value).map(Key::Instant),
            Self::Place => address::place(value).map(|place| Key::text(&expr::fold(place))),
            Self::List | Self::Whole => None,
        }
    }

    /// The type in expressions.
    pub(super) fn expr_type(self) -> expr::Type {
        match self {
            Self::Text | Self::Option | Self::Place => expr::Type::Text,
            Self::Exact => expr::Type::Reference,
            Self::Number | Self::Amount => expr::Type::Number,
            Self::Boolean => expr::Type::Boolean,
            Self::Date => expr::Type::Date,
            Self::Instant => expr::Type::Instant,
            Self::List => expr::Type::List,
            Self::Whole => expr::Type::Structure,
        }
    }

    /// A stored value in expressions; null where it is not what it should be.
    pub(super) fn expr_value(self, value: &Value) -> expr::Value {
        let found = match self {
            Self::Text | Self::Exact | Self::Option => {
                value.as_str().map(|text| expr::Value::Text(text.to_owned()))
            }
            Self::Number => number::stored(value).map(expr::Value::Number),
            Self::Amount => value.get("amount").and_then(number::stored).map(expr::Value::Number),
            Self::Boolean => value.as_bool().map(expr::Value::Boolean),
            Self::Date => date::stored_day(value).map(expr::Value::Date),
            Self::Instant => date_time::stored_instant(value).map(expr::Value::Instant),
            Self::Place => address::place(value).map(|place| expr::Value::Text(place.to_owned())),
            Self::List => {
                value.is_array().then(|| expr::Value::List(items(value).map(str::to_owned).collect()))
            }
            // Asked only whether it is there.
            Self::Whole => (!value.is_null()).then(|| expr::Value::Text(value.to_string())),
        };
        found.unwrap_or(expr::Value::Null)
    }
}
