//! Field type `phone`: a telephone number.

use phonenumber::{Mode, PhoneNumber, country};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, read};

/// Longer texts are no phone numbers; E.164 has 15 digits.
const LONGEST: usize = 40;

/// Options of a phone field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// The country (ISO 3166-1 alpha-2) in which national numbers are read; the tenant's when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

/// Reads a number that is in use according to its country's numbering plan.
fn read_number(text: &str, country: &str) -> Option<PhoneNumber> {
    // Letters would be read as digits of a keypad, and extensions cannot be stored.
    let allowed = |c: char| c.is_ascii_digit() || " +-().\u{2f}\u{a0}".contains(c);
    if text.len() > LONGEST || !text.chars().all(allowed) {
        return None;
    }
    let country: Option<country::Id> = country.parse().ok();
    phonenumber::parse(country, text).ok().filter(phonenumber::is_valid)
}

fn stored_number(value: &Value) -> Option<PhoneNumber> {
    phonenumber::parse(None, value.as_str().filter(|text| text.len() <= LONGEST)?).ok()
}

impl FieldType for Phone {
    const KEY: &'static str = "phone";
    const SUMMARY: &'static str = "A telephone number; national numbers are read in the tenant's country. Stored in \
                                   E.164, shown in international form as a link.";
    const ICON: &'static str = "phone";
    const PARTIAL: &'static str = include_str!("phone.hbs");
    const SEARCHED: bool = true;

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(
                json!({}),
                [
                    Accepted::new(&["(202) 555-0123"], "+12025550123", "+1 202-555-0123"),
                    Accepted::new(&["+91 98765 43210"], "+919876543210", "+91 98765 43210"),
                ],
                [
                    (json!(2_025_550_123), "type"),
                    (json!("call me"), "format"),
                    (json!("123"), "format"),
                    (json!("+1 202-555-0123 ext. 7"), "format"),
                    (json!("1-800-FLOWERS"), "format"),
                ],
            ),
            Sample::new(
                json!({"country": "GB", "placeholder": "020 7946 0123"}),
                [Accepted::new(&["020 7946 0123"], "+442079460123", "+44 20 7946 0123")],
                [(json!("(202) 555-0123"), "format")],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "country": {
                    "description": "The country (ISO 3166-1 alpha-2) in which national numbers are read; the \
                                    tenant's when not given.",
                    "type": "string",
                    "pattern": "^[A-Z]{2}$",
                },
                "placeholder": super::placeholder_schema(),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let unknown = self.country.as_ref().filter(|code| code.parse::<country::Id>().is_err());
        let fault = unknown
            .map(|code| FieldError::new("/country", format!("'{code}' is no country code (ISO 3166-1)")));
        fault.into_iter().collect()
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "pattern": "^\\+[1-9][0-9]{4,17}$"})
    }

    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject> {
        let line = read::line(&value)?;
        let country = self.country.as_ref().unwrap_or(&locale.country);
        let number = read_number(&line, country).ok_or_else(|| {
            Reject::new("format", format!("Enter a phone number of {country}, or one that starts with +."))
        })?;
        Ok(number.format().mode(Mode::E164).to_string().into())
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        match stored_number(value) {
            Some(number) => number.format().mode(Mode::International).to_string(),
            None => read::plain(value),
        }
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        let stored = value.as_str()?;
        Some(match stored_number(value) {
            Some(number) => format!("{stored} {}", number.format().mode(Mode::International)),
            None => stored.to_owned(),
        })
    }

    fn control(&self, _: &Locale) -> Control {
        Control { placeholder: self.placeholder.clone().unwrap_or_default(), ..Control::default() }
    }

    fn href(&self, value: &Value) -> Option<String> {
        let number = value.as_str()?.strip_prefix('+')?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("tel:+{number}"))
    }
}
