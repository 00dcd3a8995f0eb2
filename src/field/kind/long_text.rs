//! Field type `long_text`: several lines of text.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number, read};

/// The most characters that a field of this type can allow; 64 KiB of bytes bound it as well.
const LONGEST: u32 = 65_536;

/// Options of a long text field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongText {
    /// Most characters; 10,000 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Height of the input in lines; 4 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

impl LongText {
    fn longest(&self) -> u32 {
        self.max_length.unwrap_or(10_000)
    }
}

impl FieldType for LongText {
    const KEY: &'static str = "long_text";
    const SUMMARY: &'static str = "Several lines of text, such as notes; line breaks are kept. Searched, but neither sorted nor unique.";
    const ICON: &'static str = "align-left";
    const PARTIAL: &'static str = include_str!("long_text.hbs");
    const SEARCHED: bool = true;
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"max_length": 40, "rows": "6"}),
            [
                Accepted::new(&["First\r\nSecond\n"], "First\nSecond", "First\nSecond"),
                Accepted::new(&["a\tb"], "a\tb", "a\tb"),
            ],
            [
                (json!(["a"]), "type"),
                (json!("\n \n"), "empty"),
                (json!("bell\u{7}"), "format"),
                (json!("x".repeat(41)), "length"),
                (json!("x".repeat(70_000)), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "max_length": number::count_schema(1..=LONGEST, "Most characters; 10,000 when not given."),
                "rows": number::count_schema(2..=40, "Height of the input in lines; 4 when not given."),
                "placeholder": super::placeholder_schema(),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let length = number::check_count("max_length", self.max_length, 1..=LONGEST);
        length.into_iter().chain(number::check_count("rows", self.rows, 2..=40)).collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": self.longest()})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let lines = read::lines(&value)?;
        read::length(&lines, 1, self.longest())?;
        Ok(lines.into())
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    fn control(&self, _: &Locale) -> Control {
        Control {
            placeholder: self.placeholder.clone().unwrap_or_default(),
            max_length: self.longest().to_string(),
            rows: self.rows.unwrap_or(4).to_string(),
            ..Control::default()
        }
    }
}
