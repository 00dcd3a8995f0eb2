//! Field type `auto_number`: a number that the engine assigns.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldError, FieldType, Locale, Reject, Sample};

/// The most digits that a counter is filled up to.
const WIDEST: usize = 12;

/// Options of an auto-number field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoNumber {
    /// Text with `{counter:5}` (once), `{year}`, `{month}`, `{day}`. The counter starts again at 1 with every new
    /// year, month or day that the pattern names.
    pub pattern: String,
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// With so many digits at least.
    Counter(usize),
    Year,
    Month,
    Day,
}

impl AutoNumber {
    /// The number for a value of the counter, on a day of the tenant's calendar.
    pub fn render(&self, counter: u64, on: NaiveDate) -> String {
        let piece = |segment: &Segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Counter(width) => format!("{counter:0width$}"),
            date => date_part(date, on).unwrap_or_default(),
        };
        self.segments().iter().map(piece).collect()
    }

    /// Which counter counts on this day: "" where the pattern names no date, else the parts that it names, such as
    /// `2026-11`. A new series starts at 1.
    pub fn series(&self, on: NaiveDate) -> String {
        let segments = self.segments();
        let named =
            [Segment::Year, Segment::Month, Segment::Day].into_iter().filter(|s| segments.contains(s));
        let parts: Vec<String> = named.filter_map(|segment| date_part(&segment, on)).collect();
        parts.join("-")
    }

    /// A pattern that is not sound never passes `check`; as a literal it could do no harm either.
    fn segments(&self) -> Vec<Segment> {
        segments(&self.pattern).unwrap_or_else(|_| vec![Segment::Literal(self.pattern.clone())])
    }
}

fn date_part(segment: &Segment, on: NaiveDate) -> Option<String> {
    match segment {
        Segment::Year => Some(format!("{:04}", on.year())),
        Segment::Month => Some(format!("{:02}", on.month())),
        Segment::Day => Some(format!("{:02}", on.day())),
        _ => None,
    }
}

fn segments(pattern: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut rest = pattern;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or("a '{' is not closed")?;
        segments.push(Segment::Literal(literal.to_owned()));
        segments.push(placeholder(name)?);
        rest = behind;
    }
    segments.push(Segment::Literal(rest.to_owned()));
    segments.retain(|segment| *segment != Segment::Literal(String::new()));
    sound(&segments)?;
    Ok(segments)
}

fn placeholder(name: &str) -> Result<Segment, String> {
    match name {
        "year" => Ok(Segment::Year),
        "month" => Ok(Segment::Month),
        "day" => Ok(Segment::Day),
        "counter" => Ok(Segment::Counter(1)),
        name => {
            let width = name.strip_prefix("counter:").and_then(|width| width.parse().ok());
            let width = width.filter(|width| (1..=WIDEST).contains(width));
            width.map(Segment::Counter).ok_or_else(|| {
                format!("'{{{name}}}' is none of {{counter:1}} to {{counter:{WIDEST}}}, {{year}}, {{month}}, {{day}}")
            })
        }
    }
}

fn sound(segments: &[Segment]) -> Result<(), String> {
    let counters = segments.iter().filter(|segment| matches!(segment, Segment::Counter(_))).count();
    let names = |segment: Segment| segments.contains(&segment);
    let stray = |c: char| c == '}' || c.is_control();
    if counters != 1 {
        Err("the pattern needs {counter:5}, once".into())
    } else if names(Segment::Month) && !names(Segment::Year) {
        Err("with {month} the pattern needs {year}, or numbers would come again every year".into())
    } else if names(Segment::Day) && !names(Segment::Month) {
        Err("with {day} the pattern needs {month}, or numbers would come again every month".into())
    } else if segments.iter().any(|segment| matches!(segment, Segment::Literal(text) if text.contains(stray)))
    {
        Err("a '}' or a control character stands alone".into())
    } else {
        Ok(())
    }
}

fn read_only() -> Reject {
    Reject::new("read_only", "This number is assigned by the system.")
}

impl FieldType for AutoNumber {
    const KEY: &'static str = "auto_number";
    const SUMMARY: &'static str = "A running number that the engine assigns when a record is created, such as \
                                   INV-2026-00042; it cannot be typed.";
    const ICON: &'static str = "list-ordered";
    const PARTIAL: &'static str = include_str!("auto_number.hbs");
    const SEARCHED: bool = true;
    const ASSIGNED: bool = true;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"pattern": "INV-{year}-{counter:5}"}),
            [Accepted::new(&[], "INV-2026-00042", "INV-2026-00042")],
            [(json!("INV-2026-00042"), "read_only"), (json!(42), "read_only")],
        )]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "pattern": {
                    "description": "Text with `{counter:5}` (once, filled up to that many digits), `{year}`, \
                                    `{month}`, `{day}`. The counter starts again at 1 with every new year, month \
                                    or day that the pattern names.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 64,
                },
            },
            "required": ["pattern"],
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let fault = segments(&self.pattern).err();
        fault.map(|fault| FieldError::new("/pattern", fault)).into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": 100, "readOnly": true})
    }

    fn parse(&self, _: &[&str]) -> Result<Value, Reject> {
        Err(read_only())
    }

    fn normalise(&self, _: Value, _: &Locale) -> Result<Value, Reject> {
        Err(read_only())
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }
}
