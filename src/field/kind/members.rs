//! Field type `members`: several users of the tenant.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::items;
use crate::field::{Accepted, Cast, FieldError, FieldType, Locale, Reject, Sample, number};

/// The most users that a field of this type can allow.
const MOST: u32 = 100;

/// Options of a members field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// How many users a record may name; 20 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Members {
    fn max(&self) -> usize {
        self.max.unwrap_or(20).min(MOST) as usize
    }
}

impl FieldType for Members {
    const KEY: &'static str = "members";
    const SUMMARY: &'static str = "Several users of the workspace, such as a crew; stores their ids, each once. Whether \
                                   each is a member is checked when it is written. Neither sorted nor unique.";
    const ICON: &'static str = "users";
    const PARTIAL: &'static str = include_str!("members.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        let (one, two) = ("0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02", "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a03");
        vec![Sample::new(
            json!({"max": 2}),
            [
                Accepted::new(&[one], json!([one]), one),
                Accepted::new(
                    &["", one, two, one],
                    json!([one, two]),
                    "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02, 0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a03",
                ),
            ],
            [
                (json!(one), "type"),
                (json!([{"id": one}]), "type"),
                (json!(["asha@example.com"]), "format"),
                (json!([]), "empty"),
                (json!([one, two, "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a04"]), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let max = number::count_schema(1..=MOST, "How many users a record may name; 20 when not given.");
        json!({"properties": {"max": max}})
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_count("max", self.max, 1..=MOST).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "array",
            "items": super::id_schema(),
            "minItems": 1,
            "maxItems": self.max(),
            "uniqueItems": true,
        })
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        // The form sends a blank text along, so that choosing nobody is sent at all.
        Ok(texts.iter().filter(|text| !text.trim().is_empty()).copied().collect())
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let given = value.as_array().ok_or_else(|| Reject::new("type", "Choose users as a list of ids."))?;
        let mut ids: Vec<Value> = Vec::new();
        for value in given {
            let id = super::read_id(value)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
            if ids.len() > self.max() {
                return Err(Reject::new("max", format!("Choose at most {} users.", self.max())));
            }
        }
        if ids.is_empty() {
            return Err(Reject::new("empty", "Choose a user; send null to clear the field."));
        }
        Ok(ids.into())
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
}
