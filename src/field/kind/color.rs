//! Field type `color`: a colour.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldType, Locale, Reject, Sample, read};

/// A colour field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Color {}

/// Reads `#a1b2c3`, with or without the `#`, and the short `#abc`.
fn read_color(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.strip_prefix('#').unwrap_or(&lower);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        6 => Some(format!("#{digits}")),
        3 => Some(digits.chars().fold("#".to_owned(), |color, digit| color + &format!("{digit}{digit}"))),
        _ => None,
    }
}

impl FieldType for Color {
    const KEY: &'static str = "color";
    const SUMMARY: &'static str =
        "A colour, such as that of a brand; stored as # and six hexadecimal digits.";
    const ICON: &'static str = "palette";
    const PARTIAL: &'static str = include_str!("color.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(&["#1E90FF"], "#1e90ff", "#1e90ff"),
                Accepted::new(&["f80"], "#ff8800", "#ff8800"),
            ],
            [
                (json!(16_711_680), "type"),
                (json!("red"), "format"),
                (json!("#12345"), "format"),
                (json!("url(#a)"), "format"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "pattern": "^#[0-9a-f]{6}$"})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let color = read_color(read::text(&value)?);
        color.map(Value::from).ok_or_else(|| Reject::new("format", "Enter a colour such as #1e90ff."))
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }
}
