//! Field type `rich_text`: text with headings, lists and links, written in Markdown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{
    Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, markdown, number, read,
};

/// The most characters that a field of this type can allow; 64 KiB of bytes bound it as well.
const LONGEST: u32 = 65_536;

/// Options of a rich text field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RichText {
    /// Most characters of the source; 20,000 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Height of the input in lines; 8 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

impl RichText {
    fn longest(&self) -> u32 {
        self.max_length.unwrap_or(20_000)
    }
}

impl FieldType for RichText {
    const KEY: &'static str = "rich_text";
    const SUMMARY: &'static str = "Text with headings, emphasis, lists, quotes, code and links, written in Markdown. The \
                                   source is stored and given by the API; HTML in it is kept as words and never drawn. \
                                   Searched, but neither sorted nor unique.";
    const ICON: &'static str = "file-text";
    const PARTIAL: &'static str = include_str!("rich_text.hbs");
    const SEARCHED: bool = true;
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"max_length": 120, "rows": 6}),
            [
                Accepted::new(
                    &["## Visit\r\n- **roof** leaks\n- see [plan](https://example.com/p)"],
                    "## Visit\n- **roof** leaks\n- see [plan](https://example.com/p)",
                    "Visit\nroof leaks\nsee plan",
                ),
                Accepted::new(&["a <b>bold</b> word"], "a \\<b>bold\\</b> word", "a <b>bold</b> word"),
                Accepted::new(&["1 < 2 and `<b>`"], "1 < 2 and `<b>`", "1 < 2 and <b>"),
            ],
            [
                (json!(["a"]), "type"),
                (json!("\n \n"), "empty"),
                (json!("bell\u{7}"), "format"),
                (json!("[a](javascript:alert)"), "format"),
                (json!("![a](data:image/png;base64,xx)"), "format"),
                (json!("> ".repeat(20) + "a"), "max"),
                (json!("x".repeat(121)), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "max_length": number::count_schema(1..=LONGEST, "Most characters of the source; 20,000 when not given."),
                "rows": number::count_schema(2..=40, "Height of the input in lines; 8 when not given."),
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
        let text = markdown::cleaned(read::lines(&value)?)?;
        read::length(&text, 1, self.longest())?;
        // Cleaning may have made it longer than a text may be.
        read::text(&text.as_str().into())?;
        Ok(text.into())
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        let source = read::plain(value);
        let words = markdown::words(&source);
        if words.is_empty() { source } else { words }
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![read::plain(value)]
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(markdown::words)
    }

    fn control(&self, _: &Locale) -> Control {
        Control {
            placeholder: self.placeholder.clone().unwrap_or_default(),
            max_length: self.longest().to_string(),
            rows: self.rows.unwrap_or(8).to_string(),
            ..Control::default()
        }
    }
}
