//! Field type `duration`: a length of time.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, number, read};

/// The longest duration in seconds, some 317 years.
const LONGEST: i64 = 10_000_000_000;
/// Words of units and their seconds, as people type them.
const UNITS: &[(&str, i64)] = &[
    ("s sec secs second seconds", 1),
    ("m min mins minute minutes", 60),
    ("h hr hrs hour hours", 3_600),
    ("d day days", 86_400),
    ("w week weeks", 604_800),
];

/// A duration field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {}

fn malformed() -> Reject {
    Reject::new("format", "Enter a duration with its units, such as 1 h 30 min, 90 min or 1:30.")
}

fn too_long() -> Reject {
    Reject::new("max", "Enter a duration of at most 10,000,000,000 seconds.")
}

/// Reads `1:30` and `1:30:05`, hours first.
fn read_clock(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.split(':').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || parts[0].len() > 7 || !parts.iter().all(digits) {
        return None;
    }
    let numbers: Vec<i64> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    if parts[1..].iter().any(|part| part.len() != 2) || numbers[1..].iter().any(|number| *number > 59) {
        return None;
    }
    Some(Decimal::from(numbers[0] * 3_600 + numbers[1] * 60 + numbers.get(2).copied().unwrap_or_default()))
}

/// Reads numbers with units, such as `1 h 30 min`, `90m` or `1.5 hours`.
fn read_units(text: &str) -> Option<Decimal> {
    let mut rest = text.trim();
    let mut total = Decimal::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: Decimal = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let word = rest[..end].to_ascii_lowercase();
        let unit = UNITS.iter().find(|(words, _)| words.split(' ').any(|known| known == word))?;
        total = total.checked_add(number.checked_mul(unit.1.into())?)?;
        rest = rest[end..].trim_start_matches([' ', ',']);
    }
    Some(total)
}

fn read_text(text: &str) -> Result<Decimal, Reject> {
    // Longer than any duration in words; bounds the work on hostile text.
    let text =
        Some(text.trim()).filter(|text| !text.is_empty() && text.len() <= 100).ok_or_else(malformed)?;
    if text.starts_with('-') {
        return Err(Reject::new("min", "Enter a duration that is not negative."));
    }
    let read = if text.contains(':') { read_clock(text) } else { read_units(text) };
    read.ok_or_else(malformed)
}

/// `1 h 30 min 5 s`; nothing stands for no seconds but `0 min`.
fn words(seconds: i64) -> String {
    let parts = [(seconds / 3_600, "h"), (seconds % 3_600 / 60, "min"), (seconds % 60, "s")];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if shown.is_empty() { "0 min".to_owned() } else { shown.join(" ") }
}

impl FieldType for Duration {
    const KEY: &'static str = "duration";
    const SUMMARY: &'static str = "A length of time, such as how long a visit takes; stored as whole seconds, typed and \
                                   shown with its units. In expressions it is its number of seconds.";
    const ICON: &'static str = "timer";
    const PARTIAL: &'static str = include_str!("duration.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(&["1:30"], 5_400, "1 h 30 min"),
                Accepted::new(&["90 min"], 5_400, "1 h 30 min"),
                Accepted::new(&["1.5h, 5 seconds"], 5_405, "1 h 30 min 5 s"),
                Accepted::new(&["2 days"], 172_800, "48 h"),
                Accepted::new(&["0 min"], 0, "0 min"),
            ],
            [
                (json!(true), "type"),
                (json!("long"), "format"),
                (json!("90"), "format"),
                (json!("1:75"), "format"),
                (json!(0.5), "precision"),
                (json!("-5 min"), "min"),
                (json!(-1), "min"),
                (json!("99999999 weeks"), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": LONGEST})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let seconds = match value.as_str() {
            Some(text) => read_text(text)?,
            None => number::read(&value)?,
        };
        if seconds > Decimal::from(LONGEST) {
            return Err(too_long());
        }
        if seconds < Decimal::ZERO {
            return Err(Reject::new("min", "Enter a duration that is not negative."));
        }
        let whole = seconds.to_i64().filter(|_| seconds.is_integer());
        whole.map(Value::from).ok_or_else(|| Reject::new("precision", "Enter whole seconds."))
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        value.as_i64().map_or_else(|| read::plain(value), words)
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![value.as_i64().map_or_else(|| read::plain(value), words)]
    }

    fn cast(&self) -> Cast {
        Cast::Number
    }

    fn control(&self, _: &Locale) -> Control {
        Control { placeholder: "1 h 30 min".into(), ..Control::default() }
    }
}
