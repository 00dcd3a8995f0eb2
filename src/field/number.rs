//! Exact numbers: reading them from JSON and from typed text, bounds, fixed scale, grouping for display.

use std::ops::RangeInclusive;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};

use super::{FieldError, Key, Locale, Reject};

/// The largest magnitude of a decimal, a percentage or an amount of money: 10^15.
pub(super) const LIMIT: i64 = 1_000_000_000_000_000;
/// The largest magnitude of an integer: 2^53 − 1, up to which JSON numbers are exact everywhere.
pub(super) const INTEGER_LIMIT: i64 = 9_007_199_254_740_991;
/// The most digits after the point that a field keeps.
pub(super) const SCALE_MAX: u32 = 10;

/// A number among a field's options, written as a YAML number or as a text (`0.1` or `"0.1"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(pub Decimal);

impl Exact {
    fn whole(self) -> Option<i64> {
        self.0.to_i64().filter(|whole| Decimal::from(*whole) == self.0)
    }

    /// The bound as a JSON number, for JSON Schema.
    pub(super) fn to_json_number(self) -> Value {
        self.whole().map(Value::from).unwrap_or_else(|| json!(self.0.to_f64()))
    }
}

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read(&value).map(Self).map_err(|reject| de::Error::custom(reject.message))
    }
}

/// Reads an optional count (a length, a scale) written as a number or as digits.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let number = Option::<Exact>::deserialize(deserializer)?;
    number
        .map(|Exact(number)| {
            let whole = number.to_u32().filter(|whole| Decimal::from(*whole) == number);
            whole.ok_or_else(|| de::Error::custom(format!("{number} is not a count")))
        })
        .transpose()
}

/// JSON Schema of a count.
pub(super) fn count_schema(range: RangeInclusive<u32>, description: &str) -> Value {
    json!({
        "description": description,
        "type": ["integer", "string"],
        "minimum": range.start(),
        "maximum": range.end(),
        "pattern": "^[0-9]{1,6}$",
    })
}

/// JSON Schema of a bound such as `min`.
pub(super) fn bound_schema(description: &str) -> Value {
    json!({
        "description": description,
        "type": ["number", "string"],
        "pattern": "^-?[0-9]{1,16}(\\.[0-9]{1,10})?$",
    })
}

/// A fault where a count is outside its range.
pub(super) fn check_count(key: &str, count: Option<u32>, range: RangeInclusive<u32>) -> Option<FieldError> {
    let count = count.filter(|count| !range.contains(count))?;
    let message = format!("{count} is out of range; give {} to {}", range.start(), range.end());
    Some(FieldError::new(format!("/{key}"), message))
}

/// A fault where the lower bound is above the upper one.
pub(super) fn check_bounds<T: PartialOrd>(min: Option<T>, max: Option<T>) -> Option<FieldError> {
    (min? > max?).then(|| FieldError::new("/min", "min is greater than max"))
}

/// Reads a JSON number, or a text as people type one: `1234.5`, `-3`, `1,234.50`, `12,34,567`. The result is exact;
/// codes: `type` (neither number nor text), `format`, `precision` (too many digits), `min`/`max` (too big).
pub(super) fn read(value: &Value) -> Result<Decimal, Reject> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            if text.contains(['e', 'E']) {
                read_scientific(number.as_f64(), &text)
            } else {
                read_plain(&text)
            }
        }
        Value::String(text) => read_text(text.trim()),
        _ => Err(Reject::new("type", "Enter a number.")),
    }
}

fn not_a_number() -> Reject {
    Reject::new("format", "Enter a number such as 1234.5.")
}

fn too_big(negative: bool) -> Reject {
    let (code, word) = if negative { ("min", "small") } else { ("max", "big") };
    Reject::new(code, format!("This number is too {word}."))
}

fn too_precise(scale: u32) -> Reject {
    match scale {
        0 => Reject::new("precision", "Enter a whole number."),
        1 => Reject::new("precision", "Enter at most 1 digit after the point."),
        scale => Reject::new("precision", format!("Enter at most {scale} digits after the point.")),
    }
}

/// serde_json prints very big and very small floats with an exponent; only those arrive here.
fn read_scientific(float: Option<f64>, text: &str) -> Result<Decimal, Reject> {
    let float = float.filter(|float| float.is_finite()).ok_or_else(not_a_number)?;
    if float.abs() >= 1e16 {
        return Err(too_big(float < 0.0));
    }
    // Below 10^-10 no scale is left; the bound also keeps the exponent small for the conversion.
    if float.abs() < 1e-10 {
        return Err(too_precise(SCALE_MAX));
    }
    Decimal::from_scientific(text).map_err(|_| not_a_number())
}

fn read_text(text: &str) -> Result<Decimal, Reject> {
    // Longer than any number with all its digits and separators; also bounds the work on hostile text.
    if text.len() > 64 {
        return Err(not_a_number());
    }
    if text.contains(',') { read_plain(&ungrouped(text).ok_or_else(not_a_number)?) } else { read_plain(text) }
}

/// Removes thousands separators where they stand as such: the last group has three digits, those before two
/// (Indian) or three. `1,5` is not read as 15.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once('.').map_or((text, ""), |(whole, _)| (whole, &text[whole.len()..]));
    let digits = whole.trim_start_matches(['-', '+']);
    let groups: Vec<&str> = digits.split(',').collect();
    let (last, before) = groups.split_last()?;
    let (first, middle) = before.split_first()?;
    let even = middle.iter().all(|group| group.len() == 3) || middle.iter().all(|group| group.len() == 2);
    let fits = last.len() == 3 && (1..=3).contains(&first.len()) && even;
    fits.then(|| format!("{}{rest}", whole.replace(',', "")))
}

/// Reads `[+-]digits[.digits]`.
fn read_plain(text: &str) -> Result<Decimal, Reject> {
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.len() <= usize::from(digits.contains('.')) || !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_number());
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > 16 {
        return Err(too_big(negative));
    }
    if fraction.len() > SCALE_MAX as usize {
        return Err(too_precise(SCALE_MAX));
    }
    let sign = if negative { "-" } else { "" };
    let plain = format!("{sign}0{whole}.{fraction}0");
    let number: Decimal = plain.parse().map_err(|_| not_a_number())?;
    Ok(if number.is_zero() { Decimal::ZERO } else { number.normalize() })
}

/// Refuses a number beyond the field's bounds, or beyond `limit` in either direction.
pub(super) fn within(
    number: Decimal,
    min: Option<Exact>,
    max: Option<Exact>,
    limit: i64,
) -> Result<(), Reject> {
    let limit = Decimal::from(limit);
    let min = min.map_or(-limit, |Exact(min)| min.max(-limit));
    let max = max.map_or(limit, |Exact(max)| max.min(limit));
    if number < min {
        return Err(Reject::new("min", format!("Enter at least {}.", Exact(min))));
    }
    if number > max {
        return Err(Reject::new("max", format!("Enter at most {}.", Exact(max))));
    }
    Ok(())
}

/// The number with exactly `scale` digits after the point; refused with `precision` where it has more.
pub(super) fn fixed(number: Decimal, scale: u32) -> Result<String, Reject> {
    let number = number.normalize();
    if number.scale() > scale {
        return Err(too_precise(scale));
    }
    Ok(format!("{number:.*}", scale as usize))
}

/// JSON Schema `pattern` of a number with exactly `scale` digits after the point.
pub(super) fn fixed_pattern(scale: u32) -> String {
    match scale {
        0 => "^-?(0|[1-9][0-9]{0,15})$".to_owned(),
        scale => format!("^-?(0|[1-9][0-9]{{0,15}})\\.[0-9]{{{scale}}}$"),
    }
}

/// The number that a stored decimal text is.
pub(super) fn stored(value: &Value) -> Option<Decimal> {
    read(value).ok()
}

/// How long numbers are divided for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// 1,234,567
    Thousand,
    /// 12,34,567
    Lakh,
}

impl Grouping {
    /// The habit of the tenant's country.
    pub(super) fn of(locale: &Locale) -> Self {
        if matches!(locale.country.as_str(), "IN" | "BD" | "NP") { Self::Lakh } else { Self::Thousand }
    }
}

/// Puts separators into a plain number from five digits before the point on, so that a year stays `2026`.
pub(super) fn grouped(text: &str, grouping: Grouping) -> String {
    let digits = text.trim_start_matches('-').split('.').next().unwrap_or_default();
    if digits.len() > 4 { separated(text, grouping) } else { text.to_owned() }
}

/// Puts separators into a plain number.
pub(super) fn separated(text: &str, grouping: Grouping) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.trim_start_matches('-');
    let mut out = String::from(if whole.starts_with('-') { "-" } else { "" });
    let count = digits.chars().count();
    for (index, digit) in digits.chars().enumerate() {
        let left = count - index;
        let boundary = match grouping {
            Grouping::Thousand => left.is_multiple_of(3),
            Grouping::Lakh => left == 3 || (left > 3 && left % 2 == 1),
        };
        if index > 0 && boundary {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The slot key of a stored number.
pub(super) fn key(value: &Value) -> Option<Key> {
    stored(value).map(Key::number)
}

/// The `step` attribute of an input with this many digits after the point.
pub(super) fn step(scale: u32) -> String {
    Decimal::new(1, scale).to_string()
}
