//! Field type `money`: an amount in a currency.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::field::face::OptionFace;
use crate::field::{
    Accepted, Cast, Control, Exact, FieldError, FieldType, Locale, Reject, Sample, currency, number, read,
};

/// Options of a money field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The one currency of the field (ISO 4217). Without it a value may have any currency, and has the tenant's where
    /// it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Least amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Exact>,
    /// Greatest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Exact>,
}

impl Money {
    /// The currency of a value: what it names, else the field's, else the tenant's; and its scale.
    fn currency(&self, named: Option<&Value>, locale: &Locale) -> Result<(String, u32), Reject> {
        let code = match named {
            None | Some(Value::Null) => self.currency.clone().unwrap_or_else(|| locale.currency.clone()),
            Some(Value::String(code)) if code.len() < 16 => code.trim().to_ascii_uppercase(),
            Some(Value::String(_)) => String::new(),
            Some(_) => return Err(Reject::new("type", "Give the currency as a three-letter code.")),
        };
        if let Some(fixed) = self.currency.as_ref().filter(|fixed| **fixed != code) {
            return Err(Reject::new("currency", format!("Enter an amount in {fixed}.")));
        }
        let scale = currency::scale(&code).ok_or_else(|| {
            Reject::new("currency", "Choose a currency by its three-letter code (ISO 4217).")
        })?;
        Ok((code, scale))
    }
}

/// The parts of a value: `{"amount", "currency"}`, or an amount alone.
fn parts(value: &Value) -> Result<(&Value, Option<&Value>), Reject> {
    match value {
        Value::Number(_) | Value::String(_) => Ok((value, None)),
        Value::Object(object) if object.keys().all(|key| key == "amount" || key == "currency") => {
            let amount = object.get("amount").ok_or_else(|| Reject::new("type", "Give an amount."))?;
            Ok((amount, object.get("currency")))
        }
        _ => Err(Reject::new("type", "Enter an amount of money: an amount and a currency.")),
    }
}

/// The parts of a stored value.
fn stored_parts(value: &Value) -> (String, String) {
    let part = |key| value.get(key).map(read::plain).unwrap_or_default();
    (part("amount"), part("currency"))
}

impl FieldType for Money {
    const KEY: &'static str = "money";
    const SUMMARY: &'static str = "An exact amount of money with its currency, such as a price; the amount has the \
                                   digits of the currency's minor unit. Sorted and compared by amount.";
    const ICON: &'static str = "banknote";
    const PARTIAL: &'static str = include_str!("money.hbs");

    fn samples() -> Vec<Sample> {
        let stored = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
        vec![
            Sample::new(
                json!({}),
                [
                    Accepted::new(&["1234.5"], stored("1234.50", "USD"), "USD 1,234.50"),
                    Accepted::new(&["1234567", "INR"], stored("1234567.00", "INR"), "INR 12,34,567.00"),
                    Accepted::new(&["1500", "jpy"], stored("1500", "JPY"), "JPY 1,500"),
                    Accepted::new(&["-0.125", "KWD"], stored("-0.125", "KWD"), "KWD -0.125"),
                ],
                [
                    (json!(true), "type"),
                    (json!({"amount": 1, "cents": 2}), "type"),
                    (json!({"currency": "INR"}), "type"),
                    (json!({"amount": "1", "currency": 5}), "type"),
                    (json!("much"), "format"),
                    (json!({"amount": "1", "currency": "XYZ"}), "currency"),
                    (json!({"amount": "1.5", "currency": "JPY"}), "precision"),
                    (json!(1e300), "max"),
                ],
            ),
            Sample::new(
                json!({"currency": "EUR", "min": 0, "max": "999.99"}),
                [Accepted::new(&["999.99"], stored("999.99", "EUR"), "EUR 999.99")],
                [
                    (json!({"amount": "1", "currency": "USD"}), "currency"),
                    (json!(-0.01), "min"),
                    (json!(1000), "max"),
                ],
            ),
        ]
    }

    fn options_schema() -> Value {
        json!({
            "properties": {
                "currency": {
                    "description": "The one currency of the field (ISO 4217); any, and by default the tenant's, \
                                    when not given.",
                    "type": "string",
                    "enum": currency::codes(),
                },
                "min": number::bound_schema("Least amount."),
                "max": number::bound_schema("Greatest amount."),
            },
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let unknown = self.currency.as_ref().filter(|code| currency::scale(code).is_none());
        let fault = unknown
            .map(|code| FieldError::new("/currency", format!("'{code}' is no ISO 4217 currency code")));
        number::check_bounds(self.min, self.max).into_iter().chain(fault).collect()
    }

    fn json_schema(&self) -> Value {
        let currency = match &self.currency {
            Some(code) => json!({"const": code}),
            None => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
        };
        json!({
            "type": "object",
            "properties": {
                "amount": {"type": "string", "pattern": "^-?(0|[1-9][0-9]{0,15})(\\.[0-9]{2,3})?$"},
                "currency": currency,
            },
            "required": ["amount", "currency"],
            "additionalProperties": false,
        })
    }

    /// The currency is always chosen, so the amount alone decides.
    fn is_blank(&self, texts: &[&str]) -> bool {
        texts.first().is_none_or(|amount| amount.trim().is_empty())
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        match texts {
            [amount] => Ok(json!({"amount": amount})),
            [amount, currency] if currency.trim().is_empty() => Ok(json!({"amount": amount})),
            [amount, currency] => Ok(json!({"amount": amount, "currency": currency})),
            _ => Err(Reject::new("type", "Enter an amount and a currency.")),
        }
    }

    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject> {
        let (amount, named) = parts(&value)?;
        let (currency, scale) = self.currency(named, locale)?;
        let amount = number::read(amount)?;
        number::within(amount, self.min, self.max, number::LIMIT)?;
        let mut stored = Map::new();
        stored.insert("amount".into(), number::fixed(amount, scale)?.into());
        stored.insert("currency".into(), currency.into());
        Ok(stored.into())
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        let (amount, currency) = stored_parts(value);
        let grouping = match currency.as_str() {
            "INR" | "BDT" | "NPR" => number::Grouping::Lakh,
            _ => number::Grouping::Thousand,
        };
        format!("{currency} {}", number::separated(&amount, grouping))
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        let (amount, currency) = stored_parts(value);
        vec![amount, currency]
    }

    fn cast(&self) -> Cast {
        Cast::Amount
    }

    fn control(&self, locale: &Locale) -> Control {
        let options = match self.currency {
            Some(_) => Vec::new(),
            None => currency::codes()
                .into_iter()
                .map(|code| OptionFace::new(code, code, code == locale.currency))
                .collect(),
        };
        Control {
            min: self.min.map(|min| min.to_string()).unwrap_or_default(),
            max: self.max.map(|max| max.to_string()).unwrap_or_default(),
            currency: self.currency.clone().unwrap_or_default(),
            options,
            ..Control::default()
        }
    }
}
