//! Field type `time`: a time of day, of no day and no zone.

use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, read};

/// Options of a time field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Keeps seconds too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub seconds: bool,
}

/// Reads `14:30`, `14:30:05` or `2:30 pm`.
fn read_time(text: &str) -> Option<NaiveTime> {
    let lower = text.trim().to_ascii_lowercase();
    let half = ["am", "pm"].into_iter().find(|half| lower.ends_with(half));
    let clock = half.map_or(lower.as_str(), |half| lower.trim_end_matches(half).trim_end());
    let parts: Vec<&str> = clock.split(':').collect();
    let sound = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(sound) || parts[1..].iter().any(|p| p.len() != 2)
    {
        return None;
    }
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let hour = match (half, numbers[0]) {
        (None, hour) => hour,
        (Some(_), 0 | 13..) => return None,
        (Some("pm"), hour) => hour % 12 + 12,
        (Some(_), hour) => hour % 12,
    };
    NaiveTime::from_hms_opt(hour, numbers[1], numbers.get(2).copied().unwrap_or_default())
}

impl FieldType for Time {
    const KEY: &'static str = "time";
    const SUMMARY: &'static str = "A time of day, such as when a shop opens; of no day and no zone. Stored as HH:MM, \
                                   or HH:MM:SS where the field keeps seconds.";
    const ICON: &'static str = "clock-4";
    const PARTIAL: &'static str = include_str!("time.hbs");

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({}),
                [
                    Accepted::new(&["9:05"], "09:05", "09:05"),
                    Accepted::new(&["2:30 PM"], "14:30", "14:30"),
                    Accepted::new(&["12:00 am"], "00:00", "00:00"),
                ],
                [
                    (json!(930), "type"),
                    (json!("noon"), "format"),
                    (json!("24:00"), "format"),
                    (json!("9:5"), "format"),
                    (json!("13:00 pm"), "format"),
                    (json!("14:30:05"), "precision"),
                ],
            ),
            Sample::new(
                json!({"seconds": true}),
                [
                    Accepted::new(&["14:30"], "14:30:00", "14:30:00"),
                    Accepted::new(&["7:00:09"], "07:00:09", "07:00:09"),
                ],
                [(json!("14:30:60"), "format")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({"properties": {"seconds": {"description": "Keeps seconds too.", "type": "boolean"}}})
    }

    fn json_schema(&self) -> Value {
        let seconds = if self.seconds { ":[0-5][0-9]" } else { "" };
        json!({"type": "string", "pattern": format!("^([01][0-9]|2[0-3]):[0-5][0-9]{seconds}$")})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let time = read_time(read::text(&value)?)
            .ok_or_else(|| Reject::new("format", "Enter a time of day as HH:MM."))?;
        if !self.seconds && time.second() != 0 {
            return Err(Reject::new("precision", "Enter a time without seconds."));
        }
        Ok(time.format(if self.seconds { "%H:%M:%S" } else { "%H:%M" }).to_string().into())
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn control(&self, _: &Locale) -> Control {
        Control { step: if self.seconds { "1" } else { "60" }.into(), ..Control::default() }
    }
}
