//! One file pair a field type, and what several of them say alike.

pub mod address;
pub mod auto_number;
pub mod boolean;
pub mod choice;
pub mod code;
pub mod color;
pub mod date;
pub mod date_time;
pub mod decimal;
pub mod duration;
pub mod email;
pub mod integer;
pub mod json;
pub mod line_items;
pub mod location;
pub mod long_text;
pub mod member;
pub mod members;
pub mod money;
pub mod multi_choice;
pub mod percent;
pub mod phone;
pub mod rating;
pub mod relation;
pub mod relations;
pub mod rich_text;
pub mod tags;
pub mod text;
pub mod time;
pub mod url;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Reject, read};

/// JSON Schema of the `placeholder` option.
fn placeholder_schema() -> Value {
    json!({"description": "An example shown in the empty input.", "type": "string", "maxLength": 100})
}

/// JSON Schema of the `unit` option.
fn unit_schema() -> Value {
    json!({
        "description": "Shown after the number, such as `kg`.",
        "type": "string",
        "minLength": 1,
        "maxLength": 16,
    })
}

/// A number with its unit.
fn with_unit(number: String, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{number} {unit}"),
        None => number,
    }
}

/// JSON Schema of a stored id.
fn id_schema() -> Value {
    json!({
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    })
}

/// Reads the id of a record or a user into its one form: hyphenated, lower-case.
fn read_id(value: &Value) -> Result<Value, Reject> {
    let text = read::text(value)?.trim();
    let id =
        Uuid::try_parse(text).map_err(|_| Reject::new("format", "Choose an entry by its id (a UUID)."))?;
    Ok(id.hyphenated().to_string().into())
}

/// A stored text as it is; anything else as JSON.
pub(super) fn plain_text(value: &Value) -> String {
    read::plain(value)
}

/// The texts of a stored list.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}
