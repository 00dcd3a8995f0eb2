//! Field type `choice`: one out of a list of options.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::expr;
use crate::field::{
    Accepted, Cast, ChoiceOption, Control, FieldError, FieldType, Key, Locale, Reject, Sample, option, read,
};

/// Options of a choice field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What can be chosen, in the order of the menu.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChoiceOption>,
    /// The key of the option set that has the options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_set: Option<String>,
}

impl FieldType for Choice {
    const KEY: &'static str = "choice";
    const SUMMARY: &'static str = "One out of a list of options, such as a status; stores the option's key and shows its label as a chip.";
    const ICON: &'static str = "circle-dot";
    const PARTIAL: &'static str = include_str!("choice.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"options": [
                {"key": "new", "label": "New", "color": "blue"},
                {"key": "in_work", "label": "In work"},
                {"key": "parked", "label": "Parked", "active": false},
            ]}),
            [Accepted::new(&["new"], "new", "New"), Accepted::new(&["in_work"], "in_work", "In work")],
            [
                (json!("parked"), "option"),
                (json!("lost"), "option"),
                (json!("New"), "option"),
                (json!(1), "type"),
                (json!(["new"]), "type"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {"options": option::schema(), "option_set": option::set_schema()}})
    }

    fn check(&self) -> Vec<FieldError> {
        option::check_choice(&self.options, self.option_set.as_deref())
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "enum": option::keys(&self.options)})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        option::pick(&self.options, &value)?;
        Ok(value)
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        option::label(&self.options, &read::plain(value))
    }

    fn cast(&self) -> Cast {
        Cast::Option
    }

    fn key(&self, value: &Value) -> Option<Key> {
        value.as_str().map(|key| Key::text(&option::rank(&self.options, key)))
    }

    fn expr_type(&self) -> expr::Type {
        expr::Type::Choice(option::keys(&self.options))
    }

    fn options(&self) -> &[ChoiceOption] {
        &self.options
    }

    fn control(&self, _: &Locale) -> Control {
        option::control(&self.options)
    }
}
