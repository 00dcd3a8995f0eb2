//! Field type `integer`: a whole number.

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{
    Accepted, Cast, Control, Exact, FieldError, FieldType, Locale, Reject, Sample, number, read,
};

/// Options of an integer field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integer {
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Exact>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Exact>,
    /// Shown after the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl FieldType for Integer {
    const KEY: &'static str = "integer";
    const SUMMARY: &'static str = "A whole number up to 2^53 − 1 in either direction, such as a count or a year; stored as a JSON integer.";
    const ICON: &'static str = "hash";
    const PARTIAL: &'static str = include_str!("integer.hbs");

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({"min": 0, "max": "20000", "unit": "km"}),
                [
                    Accepted::new(&["2026"], 2026, "2026 km"),
                    Accepted::new(&["12,345"], 12_345, "12,345 km"),
                    Accepted::new(&["7.0"], 7, "7 km"),
                ],
                [
                    (json!(true), "type"),
                    (json!("many"), "format"),
                    (json!("1,5"), "format"),
                    (json!(1.5), "precision"),
                    (json!(-1), "min"),
                    (json!(20_001), "max"),
                ],
            ),
            Sample::new(
                json!({}),
                [Accepted::new(&["-9007199254740991"], -9_007_199_254_740_991_i64, "-9,007,199,254,740,991")],
                [(json!(9_007_199_254_740_992_i64), "max"), (json!(1e308), "max"), (json!(-1e308), "min")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "min": number::bound_schema("Least value."),
                "max": number::bound_schema("Greatest value."),
                "unit": super::unit_schema(),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_bounds(self.min, self.max).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        let limit = Exact(number::INTEGER_LIMIT.into());
        let (min, max) = (self.min.unwrap_or(Exact(-limit.0)), self.max.unwrap_or(limit));
        json!({"type": "integer", "minimum": min.to_json_number(), "maximum": max.to_json_number()})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let number = number::read(&value)?;
        number::within(number, self.min, self.max, number::INTEGER_LIMIT)?;
        let whole = number.to_i64().filter(|_| number.is_integer());
        whole.map(Value::from).ok_or_else(|| Reject::new("precision", "Enter a whole number."))
    }

    fn display(&self, value: &Value, locale: &Locale) -> String {
        let number = number::grouped(&read::plain(value), number::Grouping::of(locale));
        super::with_unit(number, self.unit.as_deref())
    }

    fn cast(&self) -> Cast {
        Cast::Number
    }

    fn control(&self, _: &Locale) -> Control {
        Control {
            min: self.min.map(|min| min.to_string()).unwrap_or_default(),
            max: self.max.map(|max| max.to_string()).unwrap_or_default(),
            step: "1".into(),
            unit: self.unit.clone().unwrap_or_default(),
            ..Control::default()
        }
    }
}
