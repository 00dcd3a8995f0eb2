//! Field type `text`: one line of text.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{
    Accepted, Cast, Control, FieldError, FieldType, Locale, Pattern, Reject, Sample, number, read,
};
use crate::limits;

/// The most characters that a field of this type can allow.
const LONGEST: u32 = 1000;

/// Options of a text field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Fewest characters.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Most characters; 200 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// What the whole value must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

impl Text {
    fn range(&self) -> (u32, u32) {
        (self.min_length.unwrap_or(1), self.max_length.unwrap_or(200))
    }
}

impl FieldType for Text {
    const KEY: &'static str = "text";
    const SUMMARY: &'static str =
        "One line of text, such as a name or a code; trimmed, without control characters.";
    const ICON: &'static str = "type";
    const PARTIAL: &'static str = include_str!("text.hbs");
    const SEARCHED: bool = true;

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({"min_length": 2, "max_length": 20, "placeholder": "Asha Rao"}),
                [
                    Accepted::new(&["  Asha Rao "], "Asha Rao", "Asha Rao"),
                    Accepted::new(&["Cafe\u{301}"], "Caf\u{e9}", "Caf\u{e9}"),
                ],
                [
                    (json!(7), "type"),
                    (json!("   "), "empty"),
                    (json!("a\u{0}b"), "format"),
                    (json!("two\nlines"), "format"),
                    (json!("x"), "length"),
                    (json!("a text of more than twenty"), "length"),
                ],
            ),
            Sample::new(
                json!({"pattern": "[A-Z]{2}-\\d{3}"}),
                [Accepted::new(&["RX-204"], "RX-204", "RX-204")],
                [(json!("rx-204"), "pattern"), (json!("RX-204 and more"), "pattern")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "min_length": number::count_schema(0..=LONGEST, "Fewest characters."),
                "max_length": number::count_schema(1..=LONGEST, "Most characters; 200 when not given."),
                "pattern": {
                    "description": "A regular expression (linear, without look-around) that the whole value \
                                    must match.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": limits::PATTERN_CHARS,
                },
                "placeholder": super::placeholder_schema(),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let (min, max) = self.range();
        let order = (min > max)
            .then(|| FieldError::new("/min_length", format!("min_length {min} is greater than {max}")));
        let fault = self.pattern.as_ref().and_then(Pattern::fault);
        [
            number::check_count("min_length", self.min_length, 0..=LONGEST),
            number::check_count("max_length", self.max_length, 1..=LONGEST),
            order,
            fault.map(|fault| FieldError::new("/pattern", fault)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn json_schema(&self) -> Value {
        let (min, max) = self.range();
        let mut schema = json!({"type": "string", "minLength": min.max(1), "maxLength": max});
        if let Some(pattern) = &self.pattern {
            schema["pattern"] = pattern.anchored().into();
        }
        schema
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let line = read::line(&value)?;
        let (min, max) = self.range();
        read::length(&line, min, max)?;
        match &self.pattern {
            Some(pattern) if !pattern.matches(&line) => {
                Err(Reject::new("pattern", format!("Enter a text that matches {}.", pattern.source())))
            }
            _ => Ok(line.into()),
        }
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    fn control(&self, _: &Locale) -> Control {
        let (min, max) = self.range();
        Control {
            placeholder: self.placeholder.clone().unwrap_or_default(),
            min_length: if min > 1 { min.to_string() } else { String::new() },
            max_length: max.to_string(),
            ..Control::default()
        }
    }
}
