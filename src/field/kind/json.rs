//! Field type `json`: data of other systems, as it came.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, read};
use crate::limits;

/// The most levels of objects and lists within each other.
const DEEPEST: usize = 16;

/// A JSON field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Json {}

/// Whether a value has at most so many levels; looks no deeper than that.
fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Value::Object(map) => levels > 0 && map.values().all(|item| is_shallow(item, levels - 1)),
        _ => true,
    }
}

/// Whether the database can keep every text of it: PostgreSQL knows no NUL. Only shallow values arrive here.
fn is_storable(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(is_storable),
        Value::Object(map) => map.iter().all(|(key, item)| !key.contains('\0') && is_storable(item)),
        _ => true,
    }
}

/// Numbers as the database gives them back: it knows neither a negative zero nor exponents.
fn settled(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => 0.into(),
        Value::Array(items) => items.into_iter().map(settled).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, item)| (key, settled(item))).collect())
        }
        value => value,
    }
}

impl FieldType for Json {
    const KEY: &'static str = "json";
    const SUMMARY: &'static str = "Data of another system: an object or a list in JSON, kept as it came, of at most 64 KiB \
                                   and 16 levels. Neither searched nor sorted nor unique.";
    const ICON: &'static str = "braces";
    const PARTIAL: &'static str = include_str!("json.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(
                    &["{\"plan\": \"pro\", \"seats\": [1, 2]}"],
                    json!({"plan": "pro", "seats": [1, 2]}),
                    "{\"plan\":\"pro\",\"seats\":[1,2]}",
                ),
                Accepted::new(&["[true]"], json!([true]), "[true]"),
            ],
            [
                (json!("text"), "type"),
                (json!(5), "type"),
                (json!([]), "empty"),
                (json!({"a": "b\u{0}"}), "format"),
                (json!([[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]), "max"),
                (json!([("x".repeat(70_000))]), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        json!({"type": ["object", "array"]})
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let text = read::single(texts)?;
        serde_json::from_str(text.as_str().unwrap_or_default()).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Reject::new("format", format!("This is not JSON: see line {line}, column {column}."))
        })
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        match &value {
            Value::Object(_) => {}
            Value::Array(items) if !items.is_empty() => {}
            Value::Array(_) => {
                return Err(Reject::new("empty", "Give a list with something in it, or null."));
            }
            _ => return Err(Reject::new("type", "Give an object or a list.")),
        }
        if !is_shallow(&value, DEEPEST) {
            return Err(Reject::new("max", format!("Give at most {DEEPEST} levels of objects and lists.")));
        }
        if !is_storable(&value) {
            return Err(Reject::new("format", "Give texts without the character NUL."));
        }
        match value.to_string().len() > limits::TEXT_BYTES {
            true => {
                Err(Reject::new("length", format!("Give at most {} KiB of JSON.", limits::TEXT_BYTES / 1024)))
            }
            false => Ok(settled(value)),
        }
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())]
    }

    fn cast(&self) -> Cast {
        Cast::Whole
    }

    fn control(&self, _: &Locale) -> Control {
        Control { rows: "8".into(), ..Control::default() }
    }
}
