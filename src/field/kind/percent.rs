//! Field type `percent`: a share in hundredths.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{
    Accepted, Cast, Control, Exact, FieldError, FieldType, Locale, Reject, Sample, number, read,
};

/// Options of a percent field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percent {
    /// Least value; 0 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Exact>,
    /// Greatest value; 100 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Exact>,
    /// Digits after the point; 2 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
}

impl Percent {
    /// How many digits stand after the point.
    pub(in crate::field) fn scale(&self) -> u32 {
        self.scale.unwrap_or(2).min(number::SCALE_MAX)
    }

    fn bounds(&self) -> (Exact, Exact) {
        (self.min.unwrap_or(Exact(0.into())), self.max.unwrap_or(Exact(100.into())))
    }
}

impl FieldType for Percent {
    const KEY: &'static str = "percent";
    const SUMMARY: &'static str = "A percentage, such as a discount; 12.5 means 12.5 %. Stored as text with all \
                                   its digits after the point.";
    const ICON: &'static str = "percent";
    const PARTIAL: &'static str = include_str!("percent.hbs");

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({}),
                [
                    Accepted::new(&["12.5"], "12.50", "12.5 %"),
                    Accepted::new(&["12.5 %"], "12.50", "12.5 %"),
                    Accepted::new(&["100"], "100.00", "100 %"),
                ],
                [
                    (json!({}), "type"),
                    (json!("half"), "format"),
                    (json!(0.125), "precision"),
                    (json!(-1), "min"),
                    (json!(101), "max"),
                ],
            ),
            Sample::new(
                json!({"min": -50, "max": 1000, "scale": 0}),
                [Accepted::new(&["-50"], "-50", "-50 %"), Accepted::new(&["1000"], "1000", "1000 %")],
                [(json!(1001), "max"), (json!("0.5"), "precision")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "min": number::bound_schema("Least value; 0 when not given."),
                "max": number::bound_schema("Greatest value; 100 when not given."),
                "scale": number::count_schema(0..=number::SCALE_MAX, "Digits after the point; 2 when not given."),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let (min, max) = self.bounds();
        let scale = number::check_count("scale", self.scale, 0..=number::SCALE_MAX);
        number::check_bounds(Some(min), Some(max)).into_iter().chain(scale).collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "pattern": number::fixed_pattern(self.scale())})
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let text = read::single(texts)?;
        let plain = text.as_str().map(|text| text.trim_end().trim_end_matches('%').trim_end());
        Ok(plain.map(Value::from).unwrap_or(text))
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let number = number::read(&value)?;
        let (min, max) = self.bounds();
        number::within(number, Some(min), Some(max), number::LIMIT)?;
        Ok(number::fixed(number, self.scale())?.into())
    }

    fn display(&self, value: &Value, locale: &Locale) -> String {
        let number = number::stored(value).map(|number| number.normalize().to_string());
        let number = number.unwrap_or_else(|| read::plain(value));
        format!("{} %", number::grouped(&number, number::Grouping::of(locale)))
    }

    fn cast(&self) -> Cast {
        Cast::Number
    }

    fn control(&self, _: &Locale) -> Control {
        let (min, max) = self.bounds();
        Control {
            min: min.to_string(),
            max: max.to_string(),
            step: number::step(self.scale()),
            unit: "%".into(),
            ..Control::default()
        }
    }
}
