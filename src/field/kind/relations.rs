//! Field type `relations`: links to several records of another module.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::items;
use crate::expr;
use crate::field::link::{self, OnDelete};
use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number};
use crate::limits;

/// Options of a relations field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relations {
    /// Key of the module that the records belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Keys of several modules, instead of `module`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// What the other side calls the records that point to it; the module's plural when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
    /// What becomes of an entry when the other side goes to the trash.
    #[serde(default, skip_serializing_if = "OnDelete::is_usual")]
    pub on_delete: OnDelete,
    /// A condition on the records that may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How many records at most.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Relations {
    fn most(&self) -> usize {
        self.max.map_or(limits::RELATED, |max| max as usize)
    }
}

impl FieldType for Relations {
    const KEY: &'static str = "relations";
    const SUMMARY: &'static str = "Links to several records of a module (or of several), such as the guests of a \
                                   meeting; stores their ids in the order given, each once. Neither sorted nor \
                                   unique.";
    const ICON: &'static str = "network";
    const PARTIAL: &'static str = include_str!("relations.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        let (a, b) = ("0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01", "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02");
        vec![Sample::new(
            json!({"module": "contacts", "inverse": "Meetings", "max": 2}),
            [
                Accepted::new(&[a], json!([a]), a),
                Accepted::new(
                    &["", b, "0190A6F27C1E7D3A9B550C2F6F1E8A01", b],
                    json!([b, a]),
                    "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02, 0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01",
                ),
            ],
            [
                (json!(a), "type"),
                (json!([1]), "type"),
                (json!([]), "empty"),
                (json!(["Dr Rao"]), "format"),
                (json!([a, b, "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a03"]), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let mut properties = link::properties();
        properties["max"] = number::count_schema(1..=limits::RELATED as u32, "How many records at most.");
        json!({ "properties": properties })
    }

    fn check(&self) -> Vec<FieldError> {
        let mut faults = link::check(self.module.as_deref(), &self.modules);
        faults.extend(number::check_count("max", self.max, 1..=limits::RELATED as u32));
        faults
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "array",
            "items": super::id_schema(),
            "minItems": 1,
            "maxItems": self.most(),
            "uniqueItems": true,
        })
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        // The form sends a blank text along, so that taking every choice back is sent at all.
        Ok(texts.iter().filter(|text| !text.trim().is_empty()).copied().collect())
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let given =
            value.as_array().ok_or_else(|| Reject::new("type", "Choose records as a list of ids."))?;
        let most = self.most();
        if given.len() > limits::RELATED * 2 {
            return Err(Reject::new("max", format!("Choose at most {most} records.")));
        }
        let mut ids: Vec<Value> = Vec::new();
        for id in given {
            let id = super::read_id(id)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        match ids.len() {
            0 => Err(Reject::new("empty", "Choose a record; send null to clear the field.")),
            count if count > most => Err(Reject::new("max", format!("Choose at most {most} records."))),
            _ => Ok(ids.into()),
        }
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        items(value).collect::<Vec<_>>().join(", ")
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        items(value).map(str::to_owned).collect()
    }

    fn cast(&self) -> Cast {
        Cast::List
    }

    fn expr_type(&self) -> expr::Type {
        expr::Type::ReferenceList
    }

    fn control(&self, _: &Locale) -> Control {
        Control { target: self.module.clone().unwrap_or_default(), ..Control::default() }
    }
}
