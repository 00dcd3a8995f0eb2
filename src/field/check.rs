//! Checking field definitions: every fault at once, each with its place and, where a word is nearly right, the
//! right one.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::definition::{KEY_PATTERN, is_key};
use super::{FIELD_TYPES, Field, FieldError, Locale, OnDelete, TypeInfo, rules};
use crate::limits;

/// One closed schema with its compiled form for each type.
static CHECKS: LazyLock<HashMap<&'static str, Result<Check, String>>> =
    LazyLock::new(|| FIELD_TYPES.iter().map(|info| (info.key, Check::new(type_schema(info)))).collect());

struct Check {
    schema: Value,
    validator: Validator,
}

impl Check {
    fn new(schema: Value) -> Result<Self, String> {
        // The crate is built without network and file access; offline refuses even the attempt.
        let options = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(limits::PATTERN_COMPILED_BYTES))
            .offline();
        let validator = options.build(&schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }
}

/// JSON Schema (2020-12) of a field definition of any type, for editors and for the template's own schema. A
/// definition that passes may still have faults that only [`Field::from_json`] finds.
pub fn field_schema() -> Value {
    let branches: Vec<Value> = FIELD_TYPES
        .iter()
        .map(|info| {
            json!({
                "if": {"properties": {"type": {"const": info.key}}, "required": ["type"]},
                "then": type_schema(info),
            })
        })
        .collect();
    json!({
        "type": "object",
        "properties": {"type": {"enum": type_keys()}},
        "required": ["key", "label", "type"],
        "allOf": branches,
    })
}

fn type_keys() -> Vec<&'static str> {
    FIELD_TYPES.iter().map(|info| info.key).collect()
}

/// The schema of a definition of one type: common keys, the type's options, nothing else.
fn type_schema(info: &TypeInfo) -> Value {
    let options = (info.options_schema)();
    let mut properties = common_properties();
    properties.insert("type".into(), json!({"description": info.summary, "const": info.key}));
    properties.extend(options["properties"].as_object().cloned().unwrap_or_default());
    let mut required = vec![json!("key"), json!("label"), json!("type")];
    required.extend(options["required"].as_array().cloned().unwrap_or_default());
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn common_properties() -> Map<String, Value> {
    let flag = |description: &str| json!({"description": description, "type": "boolean"});
    let properties = json!({
        "key": {"description": "Unique in the module.", "type": "string", "pattern": KEY_PATTERN},
        "label": {
            "description": "What people read.",
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "pattern": "\\S",
        },
        "help": {"description": "A sentence under the input.", "type": "string", "maxLength": 500},
        "required": flag("A value must be given."),
        "unique": flag("No two records of the module have the same value."),
        "default": {"description": "The value of a new record where none is given, or `{expr: \"today()\"}`."},
        "searchable": flag("Contains-search looks at it; types that are searched are, unless this is false."),
        "sortable": flag("Sorting and filtering stay fast in large modules; true while slots last."),
        "read_only": flag("Shown, never typed."),
        "editable_when_locked": flag("May be written also while the record's stage locks the record."),
    });
    let mut properties = properties.as_object().cloned().unwrap_or_default();
    properties.extend(rules::properties());
    properties
}

/// Reads a field definition; see [`Field::from_json`].
pub(super) fn field(value: &Value) -> Result<Field, Vec<FieldError>> {
    let faults = shape(value);
    if !faults.is_empty() {
        return Err(faults);
    }
    let field: Field = serde_json::from_value(value.clone())
        .map_err(|error| vec![FieldError::new("", error.to_string())])?;
    let mut faults = field.kind.check();
    faults.extend(abilities(&field));
    faults.extend(rules::check(&field));
    if field.option_set().is_some() && !field.options().is_empty() {
        faults.push(FieldError::new("/options", "give either options or option_set"));
    }
    // What a set offers is not known here.
    if field.option_set().is_none() {
        faults.extend(default(&field));
    }
    if faults.is_empty() { Ok(field) } else { Err(faults) }
}

/// Faults that the schema of the named type finds; where no type is named, those among the common keys.
fn shape(value: &Value) -> Vec<FieldError> {
    let Some(object) = value.as_object() else {
        return vec![FieldError::new("", "a field is a mapping with key, label and type")];
    };
    match object.get("type").and_then(Value::as_str).and_then(|key| CHECKS.get(key)) {
        Some(Ok(check)) => {
            let mut faults: Vec<FieldError> =
                check.validator.iter_errors(value).flat_map(|error| faults(&error, &check.schema)).collect();
            faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
            faults
        }
        Some(Err(error)) => {
            vec![FieldError::new("/type", format!("this type's own schema is broken: {error}"))]
        }
        None => untyped(object),
    }
}

fn untyped(object: &Map<String, Value>) -> Vec<FieldError> {
    let mut faults = vec![match object.get("type") {
        None => FieldError::new("", "the key 'type' is missing"),
        Some(given) => FieldError::new("/type", no_such(given, &type_keys())),
    }];
    for key in ["key", "label"] {
        match object.get(key) {
            None => faults.push(FieldError::new("", format!("the key '{key}' is missing"))),
            Some(Value::String(text)) if key == "key" && !is_key(text) => {
                faults.push(FieldError::new("/key", must_match(KEY_PATTERN)));
            }
            Some(Value::String(text)) if text.trim().is_empty() => {
                faults.push(FieldError::new(format!("/{key}"), "must not be empty"));
            }
            Some(Value::String(_)) => {}
            Some(_) => faults.push(FieldError::new(format!("/{key}"), "must be a string")),
        }
    }
    faults
}

/// Puts an error of the schema into words; one for each unknown key.
fn faults(error: &ValidationError<'_>, schema: &Value) -> Vec<FieldError> {
    let pointer = error.instance_path().to_string();
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        let known = known_keys(schema, &error.schema_path().to_string());
        return unexpected
            .iter()
            .map(|key| {
                let message = format!("unknown key '{}'{}", short(key), did_you_mean(key, &known));
                FieldError::new(format!("{pointer}/{}", escaped(key)), message)
            })
            .collect();
    }
    vec![FieldError::new(pointer, message(error))]
}

/// The keys that are allowed where the schema says `additionalProperties`.
fn known_keys<'a>(schema: &'a Value, schema_path: &str) -> Vec<&'a str> {
    let parent = schema_path.trim_end_matches("/additionalProperties");
    let properties = schema.pointer(&format!("{parent}/properties")).and_then(Value::as_object);
    properties.map(|properties| properties.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn message(error: &ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;
    match error.kind() {
        Kind::Required { property } => {
            format!("the key '{}' is missing", property.as_str().unwrap_or_default())
        }
        Kind::Type { kind } => format!("must be {}", type_words(kind)),
        Kind::Enum { options } => {
            let options: Vec<&str> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            no_such(error.instance(), &options)
        }
        Kind::Pattern { pattern } if pattern == "\\S" => "must not be empty".into(),
        Kind::Pattern { pattern } => must_match(pattern),
        Kind::Format { format } => format!("must be a {format} such as 2026-11-21"),
        Kind::MinLength { .. } => "must not be empty".into(),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinItems { limit } => format!("must have at least {limit}"),
        Kind::MaxItems { limit } => format!("must have at most {limit}"),
        kind => format!("is not valid here ({})", kind.keyword()),
    }
}

fn type_words(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => format!("of type {kind}"),
        TypeKind::Multiple(kinds) => {
            let words: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("of type {}", words.join(" or "))
        }
    }
}

fn must_match(pattern: &str) -> String {
    match pattern {
        KEY_PATTERN => "must be a key: a lower-case letter, then up to 47 letters, digits or _".into(),
        pattern => format!("must match {pattern}"),
    }
}

fn no_such(given: &Value, known: &[&str]) -> String {
    match given.as_str() {
        Some(text) => {
            let hint = did_you_mean(text, known);
            let hint = if hint.is_empty() && known.len() <= 20 {
                format!("; it is one of {}", known.join(", "))
            } else {
                hint
            };
            format!("'{}' is not known here{hint}", short(text))
        }
        None => "must be of type string".into(),
    }
}

/// What is quoted in a message must not make the message endless.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A key as a part of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// ` (did you mean 'label'?)`, or nothing where no known word is near.
fn did_you_mean(word: &str, known: &[&str]) -> String {
    if word.len() > 100 {
        return String::new();
    }
    let best = known.iter().map(|known| (strsim::damerau_levenshtein(word, known), *known)).min();
    let limit = 1 + word.chars().count() / 4;
    best.filter(|(distance, _)| *distance <= limit)
        .map(|(_, known)| format!(" (did you mean '{known}'?)"))
        .unwrap_or_default()
}

/// What the common keys ask for must be something that the type can do.
fn abilities(field: &Field) -> Vec<FieldError> {
    let kind = field.kind.type_key();
    let mut faults = Vec::new();
    if field.searchable == Some(true) && !field.kind.is_searched() {
        faults.push(FieldError::new("/searchable", format!("a field of type {kind} is not searched")));
    }
    if field.sortable == Some(true) && !field.kind.is_slotted() {
        faults.push(FieldError::new("/sortable", format!("a field of type {kind} cannot be sorted")));
    }
    if field.required && field.kind.link().is_some_and(|link| link.on_delete == OnDelete::SetNull) {
        let message = "a required relation cannot be emptied; choose keep, restrict or cascade";
        faults.push(FieldError::new("/on_delete", message));
    }
    if field.unique && !field.kind.is_slotted() {
        faults.push(FieldError::new("/unique", format!("a field of type {kind} cannot be unique")));
    }
    faults
}

/// A default must be a value of the field, or an expression. It is read in the default locale: a phone number as a
/// default is written with its country code.
pub(super) fn default(field: &Field) -> Option<FieldError> {
    let value = field.default.as_ref()?;
    if let Some(expression) = value.get("expr") {
        let sound = expression.is_string() && value.as_object().is_some_and(|object| object.len() == 1);
        return (!sound).then(|| {
            FieldError::new("/default", "an expression is written {expr: \"…\"}, and nothing else")
        });
    }
    let reject = field.kind.normalise(value.clone(), &Locale::default()).err()?;
    Some(FieldError::new("/default", format!("not a value of this field: {}", reject.message)))
}
