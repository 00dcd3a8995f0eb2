//! Field type `files`: several uploaded files.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldError, FieldType, Locale, Reject, Sample, number};
use crate::limits;

/// Options of a files field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// How many files it takes; as many as the limit where nothing is said.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Files {
    fn most(&self) -> usize {
        self.max.map_or(limits::FILES_PER_FIELD, |max| max as usize)
    }
}

impl FieldType for Files {
    const KEY: &'static str = "files";
    const SUMMARY: &'static str = "Several uploaded files, such as certificates; stores the ids of the files in their \
                                   order, each once. Neither sorted nor unique.";
    const ICON: &'static str = "paperclip";
    const PARTIAL: &'static str = include_str!("files.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        let (a, b) = ("0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a04", "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a05");
        vec![Sample::new(
            json!({"max": 2}),
            [
                Accepted::new(&[a], json!([a]), a),
                Accepted::new(
                    &["", b, a, b],
                    json!([b, a]),
                    "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a05, 0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a04",
                ),
            ],
            [
                (json!(a), "type"),
                (json!([1]), "type"),
                (json!([]), "empty"),
                (json!(["scan.pdf"]), "format"),
                (json!([a, b, "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a06"]), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let most = limits::FILES_PER_FIELD as u32;
        json!({"properties": {"max": number::count_schema(1..=most, "How many files it takes; 50 when not given.")}})
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_count("max", self.max, 1..=limits::FILES_PER_FIELD as u32).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "array",
            "items": super::id_schema(),
            "minItems": 1,
            "maxItems": limits::FILES_PER_FIELD,
            "uniqueItems": true,
        })
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        // The form sends a blank text along, so that unticking everything is sent at all.
        Ok(texts.iter().filter(|text| !text.trim().is_empty()).copied().collect())
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let items = value.as_array().ok_or_else(|| Reject::new("type", "Name files as a list of ids."))?;
        if items.is_empty() {
            return Err(Reject::new("empty", "Choose a file; send null to clear the field."));
        }
        if items.len() > limits::FILES_PER_FIELD {
            let message = format!("Choose at most {} files.", limits::FILES_PER_FIELD);
            return Err(Reject::new("max", message));
        }
        let mut ids: Vec<Value> = Vec::new();
        for item in items {
            // As answers show files: {"id": …, "name": …}.
            let id = super::read_id(item.get("id").unwrap_or(item))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        match ids.len() > self.most() {
            true => Err(Reject::new("max", format!("Choose at most {} files.", self.most()))),
            false => Ok(ids.into()),
        }
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        ids(value).collect::<Vec<_>>().join(", ")
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        ids(value).map(str::to_owned).collect()
    }

    fn cast(&self) -> Cast {
        Cast::List
    }
}

fn ids(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}
