//! Field type `relation`: a link to a record of another module.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::expr;
use crate::field::definition::{KEY_PATTERN, is_key};
use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Key, Locale, Reject, Sample};

/// Options of a relation field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Key of the module that the record belongs to.
    pub module: String,
    /// What the other side calls the records that point to it; the module's plural when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
}

impl FieldType for Relation {
    const KEY: &'static str = "relation";
    const SUMMARY: &'static str = "A link to one record of a module, such as a patient's doctor; stores the \
                                   record's id. Whether the record exists is checked when it is written.";
    const ICON: &'static str = "link-2";
    const PARTIAL: &'static str = include_str!("relation.hbs");

    fn samples() -> Vec<Sample> {
        let id = "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01";
        vec![Sample::new(
            json!({"module": "doctors", "inverse": "Patients"}),
            [Accepted::new(&[id], id, id), Accepted::new(&["0190A6F27C1E7D3A9B550C2F6F1E8A01"], id, id)],
            [(json!(1), "type"), (json!("Dr Rao"), "format"), (json!(""), "format")],
        )]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "module": {
                    "description": "Key of the module that the record belongs to.",
                    "type": "string",
                    "pattern": KEY_PATTERN,
                },
                "inverse": {
                    "description": "What the other side calls the records that point to it; the module's plural \
                                    when not given.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 100,
                },
            },
            "required": ["module"],
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let fault = || FieldError::new("/module", format!("'{}' is not the key of a module", self.module));
        (!is_key(&self.module)).then(fault).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        super::id_schema()
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        super::read_id(&value)
    }

    fn cast(&self) -> Cast {
        Cast::Exact
    }

    fn key(&self, value: &Value) -> Option<Key> {
        value.as_str().map(Key::text)
    }

    fn expr_type(&self) -> expr::Type {
        expr::Type::Reference
    }

    fn expr_value(&self, value: &Value) -> expr::Value {
        super::text_value(value)
    }

    fn control(&self, _: &Locale) -> Control {
        Control { target: self.module.clone(), ..Control::default() }
    }
}
