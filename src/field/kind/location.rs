//! Field type `location`: a point on the map.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::face::PartFace;
use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, number};

/// Digits after the point that are kept: about a centimetre.
const DIGITS: u32 = 7;

/// A location field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {}

/// Reads one coordinate. Devices give more digits than they know; beyond a centimetre they are cut.
fn coordinate(value: &Value, name: &str, limit: i64) -> Result<Decimal, Reject> {
    let number = match value {
        Value::Number(given) => given.as_f64().and_then(Decimal::from_f64_retain),
        Value::String(text) if text.len() <= 40 => text.trim().parse().ok(),
        _ => return Err(Reject::new("type", "Give latitude and longitude as numbers.")),
    };
    let number = number
        .ok_or_else(|| Reject::new("format", format!("Enter the {name} in degrees, such as 12.9716.")))?;
    let code = if number < Decimal::ZERO { "min" } else { "max" };
    match number.abs() <= limit.into() {
        true => Ok(number.round_dp(DIGITS).normalize()),
        false => Err(Reject::new(code, format!("Enter a {name} between -{limit} and {limit} degrees."))),
    }
}

/// A number that JSON prints in as few digits as it needs.
fn printed(number: Decimal) -> Value {
    match number.to_i64().filter(|_| number.is_integer()) {
        Some(whole) => whole.into(),
        None => number.to_string().parse::<f64>().map(Value::from).unwrap_or_default(),
    }
}

fn shown(value: &Value, key: &str) -> String {
    let stored = value.get(key).and_then(number::stored);
    stored.map(|number| number.normalize().to_string()).unwrap_or_default()
}

impl FieldType for Location {
    const KEY: &'static str = "location";
    const SUMMARY: &'static str = "A point on the map by latitude and longitude in degrees (WGS 84), kept to seven digits \
                                   after the point, about a centimetre. Neither sorted nor unique.";
    const ICON: &'static str = "map";
    const PARTIAL: &'static str = include_str!("location.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(
                    &["12.9716", " 77.5946 "],
                    json!({"lat": 12.9716, "lng": 77.5946}),
                    "12.9716, 77.5946",
                ),
                Accepted::new(
                    &["-33.8567844, 151.2152967"],
                    json!({"lat": -33.856_784_4, "lng": 151.215_296_7}),
                    "-33.8567844, 151.2152967",
                ),
                Accepted::new(&["0", "-180.0"], json!({"lat": 0, "lng": -180}), "0, -180"),
            ],
            [
                (json!("Bengaluru"), "type"),
                (json!({"lat": 12}), "type"),
                (json!({"lat": 12, "lng": 77, "alt": 900}), "type"),
                (json!({"lat": true, "lng": 77}), "type"),
                (json!({"lat": "north", "lng": 77}), "format"),
                (json!({"lat": -91, "lng": 77}), "min"),
                (json!({"lat": 12, "lng": 181}), "max"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        let degrees = |limit: i64| json!({"type": "number", "minimum": -limit, "maximum": limit});
        json!({
            "type": "object",
            "properties": {"lat": degrees(90), "lng": degrees(180)},
            "required": ["lat", "lng"],
            "additionalProperties": false,
        })
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let both: Vec<&str> = match texts {
            [both] => both.split(',').collect(),
            texts => texts.to_vec(),
        };
        match both.as_slice() {
            [lat, lng] => Ok(json!({"lat": lat.trim(), "lng": lng.trim()})),
            _ => Err(Reject::new(
                "format",
                "Enter latitude and longitude in degrees, such as 12.9716, 77.5946.",
            )),
        }
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let parts = value.as_object().filter(|object| object.len() == 2);
        let both = parts.and_then(|object| object.get("lat").zip(object.get("lng")));
        let (lat, lng) =
            both.ok_or_else(|| Reject::new("type", "Give a point as {\"lat\": …, \"lng\": …}."))?;
        let (lat, lng) = (coordinate(lat, "latitude", 90)?, coordinate(lng, "longitude", 180)?);
        Ok(json!({"lat": printed(lat), "lng": printed(lng)}))
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        format!("{}, {}", shown(value, "lat"), shown(value, "lng"))
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        vec![shown(value, "lat"), shown(value, "lng")]
    }

    fn cast(&self) -> Cast {
        Cast::Whole
    }

    fn control(&self, _: &Locale) -> Control {
        let part = |label| PartFace {
            label,
            autocomplete: "off",
            max_length: "40".into(),
            text: String::new(),
            options: Vec::new(),
        };
        Control { parts: vec![part("Latitude"), part("Longitude")], ..Control::default() }
    }

    fn href(&self, value: &Value) -> Option<String> {
        let (lat, lng) = (shown(value, "lat"), shown(value, "lng"));
        let known = !lat.is_empty() && !lng.is_empty();
        known.then(|| format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lng}"))
    }
}
