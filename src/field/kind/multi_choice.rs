//! Field type `multi_choice`: several out of a list of options.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::expr;
use crate::field::{
    Accepted, Cast, ChoiceOption, Control, FieldError, FieldType, Locale, Reject, Sample, number, option,
};
use crate::limits;

/// Options of a multi-choice field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiChoice {
    /// What can be chosen, in the order of the menu.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChoiceOption>,
    /// The key of the option set that has the options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_set: Option<String>,
    /// How many can be chosen at once; all when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl FieldType for MultiChoice {
    const KEY: &'static str = "multi_choice";
    const SUMMARY: &'static str = "Several out of a list of options, such as allergies; stores the keys in the \
                                   order of the options, each once. Neither sorted nor unique.";
    const ICON: &'static str = "list-checks";
    const PARTIAL: &'static str = include_str!("multi_choice.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"max": 2, "options": [
                {"key": "garden", "label": "Garden", "color": "green"},
                {"key": "lift", "label": "Lift"},
                {"key": "pool", "label": "Pool"},
                {"key": "well", "label": "Well", "active": false},
            ]}),
            [
                Accepted::new(&["lift"], json!(["lift"]), "Lift"),
                Accepted::new(&["", "lift", "garden", "lift"], json!(["garden", "lift"]), "Garden, Lift"),
            ],
            [
                (json!("lift"), "type"),
                (json!([1]), "type"),
                (json!([]), "empty"),
                (json!(["well"]), "option"),
                (json!(["moat"]), "option"),
                (json!(["garden", "lift", "pool"]), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let max =
            number::count_schema(1..=limits::OPTIONS as u32, "How many can be chosen; all when not given.");
        json!({"properties": {"options": option::schema(), "option_set": option::set_schema(), "max": max}})
    }

    fn check(&self) -> Vec<FieldError> {
        let mut faults = option::check_choice(&self.options, self.option_set.as_deref());
        faults.extend(number::check_count("max", self.max, 1..=limits::OPTIONS as u32));
        faults
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "array",
            "items": {"type": "string", "enum": option::keys(&self.options)},
            "minItems": 1,
            "maxItems": self.options.len(),
            "uniqueItems": true,
        })
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        // The form sends a blank text along, so that unticking everything is sent at all.
        Ok(texts.iter().filter(|text| !text.trim().is_empty()).copied().collect())
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let keys =
            value.as_array().ok_or_else(|| Reject::new("type", "Choose options as a list of keys."))?;
        if keys.len() > limits::OPTIONS {
            return Err(Reject::new("max", format!("Choose at most {} options.", limits::OPTIONS)));
        }
        let mut chosen =
            keys.iter().map(|key| option::pick(&self.options, key)).collect::<Result<Vec<_>, _>>()?;
        chosen.sort_unstable();
        chosen.dedup();
        match self.max {
            _ if chosen.is_empty() => {
                Err(Reject::new("empty", "Choose an option; send null to clear the field."))
            }
            Some(max) if chosen.len() > max as usize => {
                Err(Reject::new("max", format!("Choose at most {max} options.")))
            }
            _ => Ok(chosen.into_iter().map(|position| self.options[position].key.as_str()).collect()),
        }
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        let labels: Vec<_> = super::items(value).map(|key| option::label(&self.options, key)).collect();
        labels.join(", ")
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        super::items(value).map(str::to_owned).collect()
    }

    fn cast(&self) -> Cast {
        Cast::List
    }

    fn expr_type(&self) -> expr::Type {
        expr::Type::ChoiceList(option::keys(&self.options))
    }

    fn options(&self) -> &[ChoiceOption] {
        &self.options
    }

    fn control(&self, _: &Locale) -> Control {
        option::control(&self.options)
    }
}
