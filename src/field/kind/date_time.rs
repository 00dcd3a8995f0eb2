//! Field type `date_time`: an instant.

use chrono::{DateTime as Instant, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldType, Locale, Reject, Sample, read};

/// A date-time field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateTime {}

fn malformed() -> Reject {
    Reject::new("format", "Enter a date and time as YYYY-MM-DDTHH:MM, or with an offset (RFC 3339).")
}

/// Reads an instant with its offset, or a local time of the tenant's zone.
fn read_instant(text: &str, locale: &Locale) -> Result<Instant<Utc>, Reject> {
    if let Ok(instant) = Instant::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let local = read_local(text).ok_or_else(malformed)?;
    match locale.timezone.from_local_datetime(&local) {
        // Of an hour that comes twice (clocks go back) the first is meant.
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Ok(instant.to_utc()),
        LocalResult::None => {
            let message = format!("The clocks in {} skip this time; enter another one.", locale.timezone);
            Err(Reject::new("format", message))
        }
    }
}

/// Reads exactly `YYYY-MM-DDTHH:MM` or `YYYY-MM-DDTHH:MM:SS`; a blank may stand for the T.
fn read_local(text: &str) -> Option<NaiveDateTime> {
    let format = match text.len() {
        16 => "%Y-%m-%dT%H:%M",
        19 => "%Y-%m-%dT%H:%M:%S",
        _ => return None,
    };
    let text = text.replacen(' ', "T", 1);
    let local = NaiveDateTime::parse_from_str(&text, format).ok()?;
    // chrono alone would take signs, blanks and shorter numbers.
    (local.format(format).to_string() == text).then_some(local)
}

/// A day is kept off both ends of the years 1000 to 9999, so that every zone's local time stays within them.
fn in_range(instant: &Instant<Utc>) -> bool {
    let day = instant.date_naive();
    let first = NaiveDate::from_ymd_opt(1000, 1, 2);
    let last = NaiveDate::from_ymd_opt(9999, 12, 30);
    first.is_some_and(|first| day >= first) && last.is_some_and(|last| day <= last)
}

pub(in crate::field) fn stored_instant(value: &Value) -> Option<Instant<Utc>> {
    let instant = Instant::parse_from_rfc3339(value.as_str()?).ok()?.to_utc();
    in_range(&instant).then_some(instant)
}

impl FieldType for DateTime {
    const KEY: &'static str = "date_time";
    const SUMMARY: &'static str = "A date with a time of day, such as an appointment; stored in UTC to the second \
                                   and shown in the tenant's time zone.";
    const ICON: &'static str = "clock";
    const PARTIAL: &'static str = include_str!("date_time.hbs");

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(&["2026-11-21T14:30"], "2026-11-21T14:30:00Z", "2026-11-21 14:30"),
                Accepted::new(&["2026-11-21 14:30:05"], "2026-11-21T14:30:05Z", "2026-11-21 14:30"),
                Accepted::new(&["2026-11-21T14:30:00.75+05:30"], "2026-11-21T09:00:00Z", "2026-11-21 09:00"),
            ],
            [
                (json!(1_795_271_400), "type"),
                (json!("tomorrow"), "format"),
                (json!("2026-11-21"), "format"),
                (json!("2026-11-21T24:30"), "format"),
                (json!("2026-02-30T10:00"), "format"),
                (json!("0001-01-01T00:00:00Z"), "format"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        json!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        })
    }

    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject> {
        let instant = read_instant(read::text(&value)?.trim(), locale)?;
        if !in_range(&instant) {
            return Err(Reject::new("format", "Enter a time in the years 1000 to 9999."));
        }
        Ok(instant.to_rfc3339_opts(SecondsFormat::Secs, true).into())
    }

    fn display(&self, value: &Value, locale: &Locale) -> String {
        match stored_instant(value) {
            Some(instant) => instant.with_timezone(&locale.timezone).format("%Y-%m-%d %H:%M").to_string(),
            None => read::plain(value),
        }
    }

    fn form_texts(&self, value: &Value, locale: &Locale) -> Vec<String> {
        let Some(instant) = stored_instant(value) else { return vec![read::plain(value)] };
        let local = instant.with_timezone(&locale.timezone);
        let format = if instant.timestamp() % 60 == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
        vec![local.format(format).to_string()]
    }

    fn cast(&self) -> Cast {
        Cast::Instant
    }
}
