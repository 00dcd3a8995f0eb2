//! Field type `tags`: words that people make up as they go.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::items;
use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number, read};

/// The most tags that a field of this type can allow.
const MOST: u32 = 100;
/// The most characters of one tag.
const LONGEST: u32 = 50;

/// Options of a tags field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// How many tags a record may have; 20 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Tags {
    fn max(&self) -> usize {
        self.max.unwrap_or(20).min(MOST) as usize
    }
}

/// One tag in its one spelling: NFC, lower case, single blanks.
fn tag(value: &Value) -> Result<String, Reject> {
    let line = read::line(value)?;
    let lower: String = line.to_lowercase().nfc().collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let tag = words.join(" ");
    if tag.contains(',') {
        return Err(Reject::new("format", "Enter tags without commas in them."));
    }
    read::length(&tag, 1, LONGEST)?;
    Ok(tag)
}

impl FieldType for Tags {
    const KEY: &'static str = "tags";
    const SUMMARY: &'static str = "Words that people make up as they go, such as topics; kept in lower case, each once, \
                                   so that VIP and vip are one tag. Searched; neither sorted nor unique.";
    const ICON: &'static str = "tags";
    const PARTIAL: &'static str = include_str!("tags.hbs");
    const SEARCHED: bool = true;
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"max": 3}),
            [
                Accepted::new(&["VIP, school run,, vip "], json!(["vip", "school run"]), "vip, school run"),
                Accepted::new(&["Cafe\u{301}"], json!(["caf\u{e9}"]), "caf\u{e9}"),
            ],
            [
                (json!("vip"), "type"),
                (json!([7]), "type"),
                (json!([]), "empty"),
                (json!(["a", "  "]), "empty"),
                (json!(["a,b"]), "format"),
                (json!(["a\nb"]), "format"),
                (json!(["x".repeat(51)]), "length"),
                (json!(["a", "b", "c", "d"]), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let max = number::count_schema(1..=MOST, "How many tags a record may have; 20 when not given.");
        json!({"properties": {"max": max}})
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_count("max", self.max, 1..=MOST).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST},
            "minItems": 1,
            "maxItems": self.max(),
            "uniqueItems": true,
        })
    }

    fn is_blank(&self, texts: &[&str]) -> bool {
        texts.iter().all(|text| text.split(',').all(|tag| tag.trim().is_empty()))
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let tags = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
        Ok(tags.filter(|tag| !tag.is_empty()).collect())
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let given = value.as_array().ok_or_else(|| Reject::new("type", "Give tags as a list of texts."))?;
        let mut tags: Vec<String> = Vec::new();
        for value in given {
            let tag = tag(value)?;
            if !tags.contains(&tag) {
                tags.push(tag);
            }
            if tags.len() > self.max() {
                return Err(Reject::new("max", format!("Give at most {} tags.", self.max())));
            }
        }
        if tags.is_empty() {
            return Err(Reject::new("empty", "Give a tag; send null to clear the field."));
        }
        Ok(tags.into())
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        items(value).collect::<Vec<_>>().join(", ")
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![items(value).collect::<Vec<_>>().join(", ")]
    }

    fn cast(&self) -> Cast {
        Cast::List
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        Some(items(value).collect::<Vec<_>>().join(" "))
    }

    fn control(&self, _: &Locale) -> Control {
        Control { placeholder: "one, another".into(), ..Control::default() }
    }
}
