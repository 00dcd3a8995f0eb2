//! Field type `rating`: so many out of a few.

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::face::OptionFace;
use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number, read};

/// The most that a field of this type can count to.
const MOST: u32 = 10;

/// Options of a rating field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// The best; 5 when not given.
    #[serde(default, deserialize_with = "number::count", skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

impl Rating {
    fn max(&self) -> u32 {
        self.max.unwrap_or(5).clamp(2, MOST)
    }
}

impl FieldType for Rating {
    const KEY: &'static str = "rating";
    const SUMMARY: &'static str =
        "How good something is, from 1 to 5 (or up to 10); stored as a JSON integer.";
    const ICON: &'static str = "star";
    const PARTIAL: &'static str = include_str!("rating.hbs");

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({}),
                [Accepted::new(&["4"], 4, "4 of 5"), Accepted::new(&[" 1 "], 1, "1 of 5")],
                [
                    (json!(true), "type"),
                    (json!("good"), "format"),
                    (json!(3.5), "precision"),
                    (json!(0), "min"),
                    (json!(6), "max"),
                ],
            ),
            Sample::new(json!({"max": 10}), [Accepted::new(&["9"], 9, "9 of 10")], [(json!(11), "max")]),
        ]
    }

    fn options_schema() -> Value {
        json!({"properties": {"max": number::count_schema(2..=MOST, "The best; 5 when not given.")}})
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_count("max", self.max, 2..=MOST).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": self.max()})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let number = number::read(&value)?;
        if number < 1.into() {
            return Err(Reject::new("min", "Choose at least 1."));
        }
        if number > self.max().into() {
            return Err(Reject::new("max", format!("Choose at most {}.", self.max())));
        }
        let whole = number.to_i64().filter(|_| number.is_integer());
        whole.map(Value::from).ok_or_else(|| Reject::new("precision", "Choose a whole number."))
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        format!("{} of {}", read::plain(value), self.max())
    }

    fn cast(&self) -> Cast {
        Cast::Number
    }

    fn control(&self, _: &Locale) -> Control {
        let option =
            |number: u32| OptionFace::new(number.to_string(), format!("{number} of {}", self.max()), false);
        Control { options: (1..=self.max()).map(option).collect(), ..Control::default() }
    }
}
