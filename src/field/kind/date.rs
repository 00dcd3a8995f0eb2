//! Field type `date`: a day of the calendar.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, number, read};

/// What a stored date looks like.
const PATTERN: &str = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// Options of a date field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Date {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<NaiveDate>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<NaiveDate>,
}

/// Reads exactly `YYYY-MM-DD`, years 1000 to 9999.
fn read_day(text: &str) -> Option<NaiveDate> {
    // chrono alone would take signs, blanks and shorter numbers.
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()?;
    ((1000..=9999).contains(&day.year()) && day.to_string() == text).then_some(day)
}

pub(in crate::field) fn stored_day(value: &Value) -> Option<NaiveDate> {
    value.as_str().and_then(read_day)
}

impl FieldType for Date {
    const KEY: &'static str = "date";
    const SUMMARY: &'static str =
        "A day without a time, such as a birth date; the same day everywhere, in the years 1000 to 9999.";
    const ICON: &'static str = "calendar";
    const PARTIAL: &'static str = include_str!("date.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"min": "1900-01-01", "max": "2100-12-31"}),
            [
                Accepted::new(&["2024-02-29"], "2024-02-29", "2024-02-29"),
                Accepted::new(&[" 1900-01-01 "], "1900-01-01", "1900-01-01"),
            ],
            [
                (json!(20_240_229), "type"),
                (json!("2023-02-29"), "format"),
                (json!("29.02.2024"), "format"),
                (json!("2024-2-9"), "format"),
                (json!("+2024-2-29"), "format"),
                (json!("0999-01-01"), "format"),
                (json!("1899-12-31"), "min"),
                (json!("2101-01-01"), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let day = |description: &str| json!({"description": description, "type": "string", "format": "date", "pattern": PATTERN});
        json!({"properties": {"min": day("First day."), "max": day("Last day.")}})
    }

    fn check(&self) -> Vec<FieldError> {
        number::check_bounds(self.min, self.max).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "format": "date", "pattern": PATTERN})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let day = read_day(read::text(&value)?.trim())
            .ok_or_else(|| Reject::new("format", "Enter a date as YYYY-MM-DD."))?;
        if let Some(min) = self.min.filter(|min| day < *min) {
            return Err(Reject::new("min", format!("Enter a date on or after {min}.")));
        }
        if let Some(max) = self.max.filter(|max| day > *max) {
            return Err(Reject::new("max", format!("Enter a date on or before {max}.")));
        }
        Ok(day.to_string().into())
    }

    fn cast(&self) -> Cast {
        Cast::Date
    }

    fn control(&self, _: &Locale) -> Control {
        Control {
            min: self.min.map(|min| min.to_string()).unwrap_or_default(),
            max: self.max.map(|max| max.to_string()).unwrap_or_default(),
            ..Control::default()
        }
    }
}
