//! Field type `decimal`: a number with a fixed count of digits after the point.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{
    Accepted, Cast, Control, Exact, FieldError, FieldType, Locale, Reject, Sample, number, read,
};

/// Options of a decimal field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decimal {
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Exact>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Exact>,
    /// Digits after the point; 2 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// Shown after the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Decimal {
    /// How many digits stand after the point.
    pub(in crate::field) fn scale(&self) -> u32 {
        self.scale.unwrap_or(2).min(number::SCALE_MAX)
    }
}

impl FieldType for Decimal {
    const KEY: &'static str = "decimal";
    const SUMMARY: &'static str = "An exact number up to 10^15 in either direction, such as a weight; stored as \
                                   text with all its digits after the point, never rounded.";
    const ICON: &'static str = "calculator";
    const PARTIAL: &'static str = include_str!("decimal.hbs");

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({"min": "0.001", "max": 50_000, "scale": 3, "unit": "g"}),
                [
                    Accepted::new(&["12.5"], "12.500", "12.500 g"),
                    Accepted::new(&["12,345.125"], "12345.125", "12,345.125 g"),
                ],
                [
                    (json!([1]), "type"),
                    (json!("twelve"), "format"),
                    (json!("1e3"), "format"),
                    (json!("0.0015"), "precision"),
                    (json!(1e-300), "precision"),
                    (json!(0), "min"),
                    (json!(50_000.5), "max"),
                ],
            ),
            Sample::new(
                json!({"scale": "0"}),
                [
                    Accepted::new(&["1000000000000000"], "1000000000000000", "1,000,000,000,000,000"),
                    Accepted::new(&["-0"], "0", "0"),
                ],
                [(json!("1000000000000001"), "max"), (json!(-1e16), "min"), (json!(0.1), "precision")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "min": number::bound_schema("Least value."),
                "max": number::bound_schema("Greatest value."),
                "scale": number::count_schema(0..=number::SCALE_MAX, "Digits after the point; 2 when not given."),
                "unit": super::unit_schema(),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let scale = number::check_count("scale", self.scale, 0..=number::SCALE_MAX);
        number::check_bounds(self.min, self.max).into_iter().chain(scale).collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "pattern": number::fixed_pattern(self.scale())})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let number = number::read(&value)?;
        number::within(number, self.min, self.max, number::LIMIT)?;
        Ok(number::fixed(number, self.scale())?.into())
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
            step: number::step(self.scale()),
            unit: self.unit.clone().unwrap_or_default(),
            ..Control::default()
        }
    }
}
