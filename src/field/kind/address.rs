//! Field type `address`: where post goes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::field::face::{OptionFace, PartFace};
use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, country, read};

/// The parts in the order of the form: key, label, the browser's word for it, most characters.
const PARTS: [(&str, &str, &str, u32); 6] = [
    ("line1", "Street and number", "address-line1", 200),
    ("line2", "Flat, floor, building", "address-line2", 200),
    ("city", "City", "address-level2", 100),
    ("region", "State or region", "address-level1", 100),
    ("postcode", "Postcode", "postal-code", 20),
    ("country", "Country", "country", 2),
];
/// The parts by which an address is sorted and compared: the first that is given.
pub const PLACE: [&str; 5] = ["city", "region", "line1", "line2", "postcode"];

/// An address field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {}

fn part<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The city, or what stands for it where there is none.
pub(in crate::field) fn place(value: &Value) -> Option<&str> {
    PLACE.iter().chain(&["country"]).map(|key| part(value, key)).find(|text| !text.is_empty())
}

fn read_part(key: &str, value: &Value, most: u32) -> Result<Value, Reject> {
    let line = read::line(value)?;
    if key == "country" {
        let code = country::code(&line);
        return code.map(Value::from).ok_or_else(|| {
            Reject::new(
                "format",
                "Choose the country by its two-letter code (ISO 3166-1) or its English name.",
            )
        });
    }
    read::length(&line, 1, most)?;
    Ok(line.into())
}

impl FieldType for Address {
    const KEY: &'static str = "address";
    const SUMMARY: &'static str = "A postal address in parts: line1, line2, city, region, postcode, country (a two-letter \
                                   code). Searched; sorted and compared by its city, or by the region, lines, postcode \
                                   or country where it has none.";
    const ICON: &'static str = "map-pin";
    const PARTIAL: &'static str = include_str!("address.hbs");
    const SEARCHED: bool = true;

    fn samples() -> Vec<Sample> {
        let full = json!({"line1": "12 High Street", "line2": "Flat 3", "city": "Leeds", "region": "West Yorkshire",
            "postcode": "LS1 4DY", "country": "GB"});
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(
                    &["12 High Street", " Flat 3 ", "Leeds", "West Yorkshire", "LS1 4DY", "gb"],
                    full,
                    "12 High Street, Flat 3, Leeds, West Yorkshire, LS1 4DY, United Kingdom",
                ),
                Accepted::new(&["", "", "Pune", "", "", ""], json!({"city": "Pune"}), "Pune"),
                Accepted::new(&["", "", "", "", "", "India"], json!({"country": "IN"}), "India"),
            ],
            [
                (json!("12 High Street, Leeds"), "type"),
                (json!({"city": 5}), "type"),
                (json!({"town": "Leeds"}), "type"),
                (json!({}), "empty"),
                (json!({"city": null}), "empty"),
                (json!({"city": "a\nb"}), "format"),
                (json!({"country": "Narnia"}), "format"),
                (json!({"postcode": "x".repeat(21)}), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        let text = |most: u32| json!({"type": "string", "minLength": 1, "maxLength": most});
        let mut properties: Map<String, Value> =
            PARTS.iter().map(|(key, _, _, most)| ((*key).to_owned(), text(*most))).collect();
        properties.insert("country".into(), json!({"type": "string", "pattern": "^[A-Z]{2}$"}));
        json!({"type": "object", "properties": properties, "minProperties": 1, "additionalProperties": false})
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        if texts.len() > PARTS.len() {
            return Err(Reject::new("type", "Enter the parts of an address."));
        }
        let given = PARTS.iter().zip(texts).filter(|(_, text)| !text.trim().is_empty());
        Ok(Value::Object(given.map(|((key, ..), text)| ((*key).to_owned(), Value::from(*text))).collect()))
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let known = |key: &String| PARTS.iter().any(|(part, ..)| part == key);
        let Some(given) = value.as_object().filter(|object| object.keys().all(known)) else {
            let parts = PARTS.map(|(key, ..)| key).join(", ");
            return Err(Reject::new("type", format!("Give an address as an object of its parts: {parts}.")));
        };
        let mut address = Map::new();
        for (key, _, _, most) in PARTS {
            match given.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if text.trim().is_empty() => {}
                Some(value) => {
                    address.insert(key.to_owned(), read_part(key, value, most)?);
                }
            }
        }
        match address.is_empty() {
            true => Err(Reject::new("empty", "Enter a part of the address; send null to clear the field.")),
            false => Ok(address.into()),
        }
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        let text = |(key, ..): &(&str, &str, &str, u32)| match part(value, key) {
            code if *key == "country" => country::name(code).unwrap_or(code).to_owned(),
            text => text.to_owned(),
        };
        PARTS.iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        PARTS.iter().map(|(key, ..)| part(value, key).to_owned()).collect()
    }

    fn cast(&self) -> Cast {
        Cast::Place
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        Some(self.display(value, &Locale::default()))
    }

    fn control(&self, _: &Locale) -> Control {
        let parts = PARTS.iter().map(|(key, label, word, most)| PartFace {
            label,
            autocomplete: word,
            max_length: most.to_string(),
            text: String::new(),
            options: match *key {
                "country" => country::all().map(|(code, name)| OptionFace::new(code, name, false)).collect(),
                _ => Vec::new(),
            },
        });
        Control { parts: parts.collect(), ..Control::default() }
    }
}
