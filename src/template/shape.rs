//! Checks the shape of a file against its JSON Schema and says what is wrong in the author's words.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::format::FileKind;
use super::node::{Node, Position};
use super::problem::suggestion;

/// Unknown keys that are named for one map.
const KEYS_SHOWN: usize = 100;
/// Faults of shape that are named for one file.
const FAULTS_SHOWN: usize = 1_000;

struct Shape {
    schema: Value,
    /// None only if the schema itself were broken, which a test excludes; then every file is refused.
    validator: Option<Validator>,
}

static SHAPES: LazyLock<BTreeMap<FileKind, Shape>> =
    LazyLock::new(|| FileKind::ALL.into_iter().map(|kind| (kind, compile(kind))).collect());

fn compile(kind: FileKind) -> Shape {
    let schema = kind.loader_schema();
    // Without features the crate has no way to fetch a remote reference, and there is none in these schemas.
    let validator = jsonschema::draft202012::new(&schema).ok();
    Shape { schema, validator }
}

/// All faults of shape, each with its place.
pub(super) fn check(kind: FileKind, root: &Node) -> Vec<(Position, String)> {
    let Some(Shape { schema, validator: Some(validator) }) = SHAPES.get(&kind) else {
        return vec![(root.at, format!("the schema of {} files does not compile", kind.name()))];
    };
    let value = root.to_json();
    let faults = validator.iter_errors(&value).take(FAULTS_SHOWN);
    faults.flat_map(|error| explain(&error, schema, root)).collect()
}

fn explain(error: &ValidationError<'_>, schema: &Value, root: &Node) -> Vec<(Position, String)> {
    let pointer = error.instance_path().as_str();
    let node = root.nearest(pointer);
    let rule = rule_of(error, schema);
    let message = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let shown = unexpected.iter().take(KEYS_SHOWN);
            return shown.map(|key| unknown_key(key, pointer, rule, root)).collect();
        }
        ValidationErrorKind::Required { property } => {
            format!("key '{}' is missing{}", property.as_str().unwrap_or_default(), place_words(pointer))
        }
        ValidationErrorKind::Enum { options } => not_an_option(error.instance(), options),
        ValidationErrorKind::Pattern { .. } => {
            let about =
                rule.get("description").and_then(Value::as_str).unwrap_or("another form is asked for");
            format!("{} does not fit. {about}", shown(error.instance()))
        }
        other => plain_words(other, error.instance()),
    };
    vec![(node.at, message)]
}

/// The part of the schema that was broken: what is above the keyword.
fn rule_of<'s>(error: &ValidationError<'_>, schema: &'s Value) -> &'s Value {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent).unwrap_or(&Value::Null)
}

fn unknown_key(key: &str, pointer: &str, rule: &Value, root: &Node) -> (Position, String) {
    let known = rule.get("properties").and_then(Value::as_object);
    let known = known.into_iter().flat_map(|properties| properties.keys().map(String::as_str));
    let escaped = key.replace('~', "~0").replace('/', "~1");
    let at = root.key_position(&format!("{pointer}/{escaped}"));
    (at, format!("unknown key '{key}'{}", suggestion(key, known)))
}

fn not_an_option(instance: &Value, options: &Value) -> String {
    let words: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let found = shown(instance);
    let like = instance.as_str().map(|word| suggestion(word, words.iter().copied())).unwrap_or_default();
    format!("{found} is not one of {}{like}", words.join(", "))
}

fn plain_words(kind: &ValidationErrorKind, instance: &Value) -> String {
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(expected) } => {
            format!("{} is asked for, not {}", kind_words(&expected.to_string()), value_words(instance))
        }
        ValidationErrorKind::MinLength { .. } => "this must not be empty".to_owned(),
        ValidationErrorKind::MaxLength { limit } => format!("longer than {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} must stand here"),
        ValidationErrorKind::MaxItems { limit } | ValidationErrorKind::MaxProperties { limit } => {
            format!("more than {limit} stand here")
        }
        ValidationErrorKind::Minimum { limit } => format!("{instance} is less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("{instance} is more than {limit}"),
        ValidationErrorKind::UniqueItems => "the same value stands here twice".to_owned(),
        other => format!("breaks the rule '{}'", other.keyword()),
    }
}

fn place_words(pointer: &str) -> String {
    let words: Vec<&str> = pointer.split('/').skip(1).collect();
    match words.as_slice() {
        [] => String::new(),
        [.., list, index] if index.parse::<usize>().is_ok() => format!(" in this item of '{list}'"),
        [.., last] => format!(" in '{last}'"),
    }
}

fn kind_words(name: &str) -> &str {
    match name {
        "array" => "a list",
        "object" => "a map of keys and values",
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        other => other,
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
        other => shown(other),
    }
}

/// A value in an error text, cut so that a hostile file cannot flood the report.
pub(super) fn shown(value: &Value) -> String {
    const CHARS: usize = 60;
    let text = match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    if text.chars().count() <= CHARS {
        return text;
    }
    text.chars().take(CHARS).chain("…".chars()).collect()
}
