//! Field type `code`: a text in a computer language.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number, read};
use crate::limits;

/// The most characters that a field of this type can allow; 64 KiB of bytes bound it as well.
const LONGEST: u32 = 65_536;

/// Options of a code field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Its language, such as `sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Most characters; 10,000 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
}

impl Code {
    fn longest(&self) -> u32 {
        self.max_length.unwrap_or(10_000)
    }
}

/// Line breaks as LF, NFC, without blank lines before and blanks after; what stands before a line stays.
fn tidy(text: &str) -> String {
    let text: String = text.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    let end = text.trim_end();
    let first = end.find(|c: char| !c.is_whitespace()).unwrap_or(end.len());
    let start = end[..first].rfind('\n').map_or(0, |at| at + 1);
    end[start..].to_owned()
}

impl FieldType for Code {
    const KEY: &'static str = "code";
    const SUMMARY: &'static str = "A text in a computer language, such as a query or a snippet; shown in a fixed-width \
                                   face with its indentation. Searched, but neither sorted nor unique.";
    const ICON: &'static str = "code";
    const PARTIAL: &'static str = include_str!("code.hbs");
    const SEARCHED: bool = true;
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"language": "python", "max_length": 60}),
            [
                Accepted::new(&["\n  if a:\r\n\treturn b \n"], "  if a:\n\treturn b", "  if a:\n\treturn b"),
                Accepted::new(&["x = \"<b>\""], "x = \"<b>\"", "x = \"<b>\""),
            ],
            [
                (json!(1), "type"),
                (json!(" \n\t"), "empty"),
                (json!("a\u{0}"), "format"),
                (json!("x".repeat(61)), "length"),
                (json!("x".repeat(70_000)), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "language": {
                    "description": "Its language, such as `sql`.",
                    "type": "string",
                    "pattern": "^[a-z][a-z0-9+#.-]{0,31}$",
                },
                "max_length": number::count_schema(1..=LONGEST, "Most characters; 10,000 when not given."),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_count("max_length", self.max_length, 1..=LONGEST).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": self.longest()})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let code = tidy(read::text(&value)?);
        if code.is_empty() {
            return Err(Reject::new("empty", "Enter a text; send null to clear the field."));
        }
        if code.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Reject::new("format", "Enter a text without control characters."));
        }
        read::length(&code, 1, self.longest())?;
        match code.len() > limits::TEXT_BYTES {
            true => Err(Reject::new(
                "length",
                format!("Enter at most {} KiB of text.", limits::TEXT_BYTES / 1024),
            )),
            false => Ok(code.into()),
        }
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    fn control(&self, _: &Locale) -> Control {
        Control {
            placeholder: self.language.clone().unwrap_or_default(),
            max_length: self.longest().to_string(),
            rows: "8".into(),
            ..Control::default()
        }
    }
}
