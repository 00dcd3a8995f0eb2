//! What a field definition says beyond its type: when it is seen, asked for and locked, and what its value follows from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::definition::KEY_PATTERN;
use super::{Field, FieldError, FieldKind};
use crate::limits;

/// Conditions of a field, and how its value is derived. Expressions are checked where the whole schema is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldRules {
    /// Shown, and asked for, only where this condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<String>,
    /// A value must be given where this condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<String>,
    /// The stored value may not be changed where this condition holds for the record as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_when: Option<String>,
    /// A value that is stored stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub set_once: bool,
    /// The value is computed from others of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// The value is that of a field of a linked record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
    /// The value sums up the records that point to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollup: Option<Rollup>,
}

/// How a value is computed from others of its record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// The expression.
    pub expr: String,
}

/// Which value of which linked record is copied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// A relation of the same module.
    pub relation: String,
    /// A field of the module that the relation points to.
    pub field: String,
}

/// How the records that point to a record are summed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollup {
    /// `module.field`: the relation by which other records point here.
    pub relation: String,
    /// What is made of their values.
    pub function: RollupFunction,
    /// Whose values; `count` alone goes without, and counts records then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Only records for which this condition holds.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// What is made of many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the functions")]
pub enum RollupFunction {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

impl FieldRules {
    /// Whether the value follows from others, so that nobody writes it.
    pub fn is_derived(&self) -> bool {
        self.formula.is_some() || self.lookup.is_some() || self.rollup.is_some()
    }
}

impl Rollup {
    /// The module and the field of its relation.
    pub fn source(&self) -> (&str, &str) {
        self.relation.split_once('.').unwrap_or((&self.relation, ""))
    }
}

/// JSON Schema of the keys.
pub(super) fn properties() -> Map<String, Value> {
    let condition = |description: &str| json!({"description": description, "type": "string", "minLength": 1, "maxLength": limits::EXPRESSION_BYTES});
    let key =
        |description: &str| json!({"description": description, "type": "string", "pattern": KEY_PATTERN});
    let object = |description: &str, required: &[&str], properties: Value| {
        json!({"description": description, "type": "object", "properties": properties, "required": required,
            "additionalProperties": false})
    };
    let properties = json!({
        "visible_when": condition("A condition; where it does not hold the field is not shown in forms and not asked for."),
        "required_when": condition("A condition; where it holds a value must be given."),
        "read_only_when": condition("A condition on the record as it was; where it holds the stored value may not be changed."),
        "set_once": {"description": "A value that is stored may not be changed.", "type": "boolean"},
        "formula": object("The value is computed from others of the record; the field's type says what it gives.", &["expr"],
            json!({"expr": condition("An expression over the module's fields, `stage` and `stage.probability`.")})),
        "lookup": object("The value is copied from a linked record, and kept up to date.", &["relation", "field"],
            json!({"relation": key("A relation of this module."), "field": key("A field of the module that it points to.")})),
        "rollup": object("The value sums up the records that point to this one.", &["relation", "function"], json!({
            "relation": {"description": "The relation that points here, as `module.field`.", "type": "string",
                "pattern": "^[a-z][a-z0-9_]{0,47}\\.[a-z][a-z0-9_]{0,47}$"},
            "function": {"description": "What is made of their values.", "enum": ["count", "sum", "avg", "min", "max"]},
            "field": key("Whose values; `count` goes without and counts records then."),
            "where": condition("Only records for which this condition holds."),
        })),
    });
    properties.as_object().cloned().unwrap_or_default()
}

/// What contradicts itself in the rules of a field.
pub(super) fn check(field: &Field) -> Vec<FieldError> {
    let rules = &field.rules;
    let given = [
        ("formula", rules.formula.is_some()),
        ("lookup", rules.lookup.is_some()),
        ("rollup", rules.rollup.is_some()),
    ];
    let derivations: Vec<&str> = given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect();
    let Some(first) = derivations.first() else { return Vec::new() };
    let pointer = format!("/{first}");
    let mut faults = Vec::new();
    if derivations.len() > 1 {
        let message = "a value follows from one of formula, lookup and rollup only";
        faults.push(FieldError::new(pointer.clone(), message));
    }
    if !is_derivable(&field.kind) {
        let kind = field.kind.type_key();
        faults.push(FieldError::new(
            "/type",
            format!(
                "a value of type {kind} cannot be derived; types that can be are {}",
                DERIVABLE.join(", ")
            ),
        ));
    }
    let settings = [
        ("required", field.required),
        ("unique", field.unique),
        ("default", field.default.is_some()),
        ("required_when", rules.required_when.is_some()),
        ("read_only_when", rules.read_only_when.is_some()),
        ("set_once", rules.set_once),
    ];
    for (key, _) in settings.into_iter().filter(|(_, set)| *set) {
        let message = format!("a value with a {first} is not typed by anybody, so '{key}' says nothing");
        faults.push(FieldError::new(format!("/{key}"), message));
    }
    faults.extend(rules.rollup.as_ref().and_then(missing_field));
    faults
}

fn missing_field(rollup: &Rollup) -> Option<FieldError> {
    let missing = rollup.field.is_none() && rollup.function != RollupFunction::Count;
    missing.then(|| FieldError::new("/rollup", "the key 'field' is missing; only count goes without"))
}

const DERIVABLE: [&str; 10] =
    ["text", "long_text", "choice", "integer", "decimal", "money", "percent", "boolean", "date", "date_time"];

/// Whether a value of the type can be made of a value of the expression language.
fn is_derivable(kind: &FieldKind) -> bool {
    DERIVABLE.contains(&kind.type_key())
}
