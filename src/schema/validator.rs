//! The compiled JSON Schema of a module's records.

use jsonschema::{PatternOptions, Retrieve, Uri, Validator};
use serde_json::{Map, Value, json};

use super::StoredField;
use crate::limits;

/// Nothing is ever fetched: schemas are complete in themselves.
struct Refuse;

impl Retrieve for Refuse {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("the schema refers to {uri}, and nothing is fetched").into())
    }
}

/// JSON Schema (2020-12) of a record's `data`.
pub fn json_schema(fields: &[StoredField]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|stored| (stored.field.key.clone(), stored.field.kind.json_schema())).collect();
    let required: Vec<&str> =
        fields.iter().filter(|stored| stored.is_required()).map(|stored| stored.field.key.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Compiles it, with the linear regex engine and without any way to fetch.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_retriever(Refuse)
        .with_pattern_options(PatternOptions::regex().size_limit(limits::PATTERN_COMPILED_BYTES))
        .build(schema)
        .map_err(|error| error.to_string())
}
