//! Field type `relation`: a link to a record of another module.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::link::{self, OnDelete};
use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample};

/// Options of a relation field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Key of the module that the record belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Keys of several modules, instead of `module`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// What the other side calls the records that point to it; the module's plural when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
    /// What becomes of it when the other side goes to the trash.
    #[serde(default, skip_serializing_if = "OnDelete::is_usual")]
    pub on_delete: OnDelete,
    /// A condition on the records that may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// In a module that points to itself: whether records may lead back to themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cycles: bool,
}

impl FieldType for Relation {
    const KEY: &'static str = "relation";
    const SUMMARY: &'static str = "A link to one record of a module (or of one of several), such as a patient's \
                                   doctor; stores the record's id. Whether the record exists is checked when it \
                                   is written.";
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
        let mut properties = link::properties();
        properties["cycles"] = json!({
            "description": "In a module that points to itself: records may lead back to themselves, as spouses \
                            do and parts of a whole do not.",
            "type": "boolean",
        });
        json!({ "properties": properties })
    }

    fn check(&self) -> Vec<FieldError> {
        link::check(self.module.as_deref(), &self.modules)
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

    fn control(&self, _: &Locale) -> Control {
        Control { target: self.module.clone().unwrap_or_default(), ..Control::default() }
    }
}
