//! What field types speak in: casts, keys, locales, refusals, samples.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

/// The family of slot columns that a field type may take, which is also how its JSON is read where it has no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// Folded text in a `t` slot; without a slot `app_fold(data ->> key)`.
    Text,
    /// An exact text such as an option key or an id, in a `t` slot; without a slot `data ->> key`.
    Exact,
    /// An option's key, sorted by the order of the options, in a `t` slot as the option's position with three digits, a
    /// blank and the key; without a slot `data ->> key`.
    Option,
    /// A float8 in an `n` slot; without a slot `(data ->> key)::numeric`, for money `(data -> key ->> 'amount')::numeric`.
    Number,
    /// Money: as `Number`, read from `amount`.
    Amount,
    /// true is 1 and false is 0 in an `n` slot; without a slot `(data ->> key)::boolean`.
    Boolean,
    /// A calendar date, in a `d` slot at 00:00 UTC; without a slot `(data ->> key)::date`.
    Date,
    /// An instant in a `d` slot; without a slot `(data ->> key)::timestamptz`.
    Instant,
    /// A list of exact texts; never in a slot.
    List,
    /// The place of an address, folded, in a `t` slot; without a slot read from its parts.
    Place,
    /// An object or list of any shape; never in a slot, never sorted by, only there or not.
    Whole,
}

/// A sort and compare key as a slot column keeps it.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Key {
    /// For `t` and `u` slots, at most [`Key::TEXT_CHARS`] characters.
    Text(String),
    /// For `n` slots.
    Number(f64),
    /// For `d` slots.
    Instant(DateTime<Utc>),
}

impl Cast {
    /// Whether lists can be sorted by it.
    pub fn is_sorted(self) -> bool {
        !matches!(self, Self::List | Self::Whole)
    }
}

impl Key {
    /// Longer texts are cut for the slot (a B-tree entry holds some 2,700 bytes); the planner knows.
    pub const TEXT_CHARS: usize = 200;

    /// A number's key: the nearest float8. Equal numbers have equal keys however many zeros they end with, and a
    /// greater number never has a smaller key.
    pub fn number(number: Decimal) -> Self {
        // Decimal::to_f64 adds up parts and rounds more than once; reading a decimal text rounds once.
        Self::Number(number.normalize().to_string().parse().unwrap_or_default())
    }

    /// A text key, cut to size. `text` is already folded where the cast says so.
    pub fn text(text: &str) -> Self {
        Self::Text(text.chars().take(Self::TEXT_CHARS).collect())
    }
}

/// What a tenant's place in the world says about values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// ISO 4217 code used where a money value names none.
    pub currency: String,
    /// ISO 3166-1 alpha-2 country used to read national phone numbers.
    pub country: String,
    /// The tenant's time zone (IANA name).
    pub timezone: chrono_tz::Tz,
}

impl Default for Locale {
    fn default() -> Self {
        Self { currency: "USD".into(), country: "US".into(), timezone: chrono_tz::UTC }
    }
}

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// A stable word for programs: `type`, `format`, `empty`, `length`, `pattern`, `min`, `max`, `precision`,
    /// `option`, `currency`, `read_only`.
    pub code: &'static str,
    /// One sentence for people, without the field's name: "Enter a date as YYYY-MM-DD."
    pub message: String,
}

impl Reject {
    /// A refusal with its code and its sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Whether a JSON value stands for "no value": null, blank text, an empty list. The record layer stores nothing then,
/// and does not call `normalise`.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// One example of a field type, from which the shared suite and the reference page are made.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The type's options as a template writes them (without key and label), such as `{"max_length": 40}`.
    pub options: Value,
    /// Form text, the stored value it becomes, and how that is displayed.
    pub accepted: Vec<Accepted>,
    /// JSON values that must be refused, each with the code of its refusal.
    pub refused: Vec<(Value, &'static str)>,
}

impl Sample {
    /// An example with its options, its accepted and its refused values.
    pub fn new(
        options: Value,
        accepted: impl IntoIterator<Item = Accepted>,
        refused: impl IntoIterator<Item = (Value, &'static str)>,
    ) -> Self {
        Self { options, accepted: accepted.into_iter().collect(), refused: refused.into_iter().collect() }
    }
}

/// A value that goes all the way: form text → stored → displayed.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// What is typed in the form; empty for types whose values are never typed.
    pub texts: Vec<&'static str>,
    /// What is stored.
    pub stored: Value,
    /// What is shown, in the default locale.
    pub display: &'static str,
}

impl Accepted {
    /// An accepted value: typed texts, stored JSON, display.
    pub fn new(texts: &[&'static str], stored: impl Into<Value>, display: &'static str) -> Self {
        Self { texts: texts.to_vec(), stored: stored.into(), display }
    }
}
