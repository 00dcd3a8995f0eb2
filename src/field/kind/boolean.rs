//! Field type `boolean`: yes or no.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::expr;
use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample};

/// Options of a boolean field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boolean {
    /// The word for true; "Yes" when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes_label: Option<String>,
    /// The word for false; "No" when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_label: Option<String>,
}

impl Boolean {
    fn label(&self, value: bool) -> &str {
        match value {
            true => self.yes_label.as_deref().unwrap_or("Yes"),
            false => self.no_label.as_deref().unwrap_or("No"),
        }
    }
}

impl FieldType for Boolean {
    const KEY: &'static str = "boolean";
    const SUMMARY: &'static str = "Yes or no, such as a consent; a field that nobody filled in is neither.";
    const ICON: &'static str = "toggle-left";
    const PARTIAL: &'static str = include_str!("boolean.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"yes_label": "Insured"}),
            [
                Accepted::new(&["false", "true"], true, "Insured"),
                Accepted::new(&["false"], false, "No"),
                Accepted::new(&["YES"], true, "Insured"),
                Accepted::new(&["insured"], true, "Insured"),
            ],
            [(json!("true"), "type"), (json!(1), "type"), (json!([true]), "type")],
        )]
    }

    fn options_schema() -> Value {
        let label = |description: &str| json!({"description": description, "type": "string", "minLength": 1, "maxLength": 40});
        json!({
            "properties": {
                "yes_label": label("The word for true; \"Yes\" when not given."),
                "no_label": label("The word for false; \"No\" when not given."),
            },
        })
    }

    fn json_schema(&self) -> Value {
        json!({"type": "boolean"})
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        // A form sends a hidden "false" and, where the box is ticked, "true" after it.
        let text = texts.last().map(|text| expr::fold(text.trim())).unwrap_or_default();
        let means = |value: bool| text == expr::fold(self.label(value));
        match text.as_str() {
            "true" | "yes" | "on" | "1" => Ok(true.into()),
            "false" | "no" | "off" | "0" => Ok(false.into()),
            _ if means(true) => Ok(true.into()),
            _ if means(false) => Ok(false.into()),
            _ => Err(Reject::new("format", "Enter yes or no.")),
        }
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        if value.is_boolean() { Ok(value) } else { Err(Reject::new("type", "Give true or false.")) }
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        value.as_bool().map(|value| self.label(value).to_owned()).unwrap_or_default()
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![value.to_string()]
    }

    fn cast(&self) -> Cast {
        Cast::Boolean
    }

    fn control(&self, _: &Locale) -> Control {
        Control { yes: self.label(true).to_owned(), no: self.label(false).to_owned(), ..Control::default() }
    }
}
