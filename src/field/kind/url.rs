//! Field type `url`: a web address.

use ::url::Url as Address;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, read};

/// The most bytes of an address.
const LONGEST: usize = 2048;

/// Options of a web address field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

fn web_address(text: &str) -> Result<Address, Reject> {
    let address = Address::parse(text)
        .ok()
        .filter(|address| matches!(address.scheme(), "http" | "https") && address.has_host())
        .ok_or_else(|| Reject::new("format", "Enter a web address such as https://example.com."))?;
    if !address.username().is_empty() || address.password().is_some() {
        return Err(Reject::new("format", "Enter a web address without user name and password."));
    }
    Ok(address)
}

impl FieldType for Url {
    const KEY: &'static str = "url";
    const SUMMARY: &'static str =
        "A web address (http or https); stored in its normal form and shown as a link.";
    const ICON: &'static str = "link";
    const PARTIAL: &'static str = include_str!("url.hbs");
    const SEARCHED: bool = true;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({}),
            [
                Accepted::new(&["HTTPS://Example.com"], "https://example.com/", "https://example.com/"),
                Accepted::new(&["example.com/a b"], "https://example.com/a%20b", "https://example.com/a%20b"),
            ],
            [
                (json!(80), "type"),
                (json!("example.com"), "format"),
                (json!("javascript:alert(1)"), "format"),
                (json!("ftp://example.com/"), "format"),
                (json!("https://user:secret@example.com/"), "format"),
                (json!("https://"), "format"),
                (json!("https://exa\tmple.com/"), "format"),
                (json!(format!("https://example.com/{}", "a".repeat(2048))), "length"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {"placeholder": super::placeholder_schema()}})
    }

    // No `format: uri`: browsers (WHATWG) accept more than RFC 3986, and so does this type.
    fn json_schema(&self) -> Value {
        json!({"type": "string", "pattern": "^https?://", "maxLength": LONGEST})
    }

    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let text = read::single(texts)?;
        // People type `example.com`; over the API an address is given in full.
        let bare = text.as_str().map(str::trim).filter(|text| !text.contains("://"));
        Ok(bare.map(|bare| Value::from(format!("https://{bare}"))).unwrap_or(text))
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let line = read::line(&value)?;
        let too_long = || Reject::new("length", format!("Enter at most {LONGEST} characters."));
        if line.len() > LONGEST {
            return Err(too_long());
        }
        let address = web_address(&line)?;
        if address.as_str().len() > LONGEST { Err(too_long()) } else { Ok(address.as_str().into()) }
    }

    fn cast(&self) -> Cast {
        Cast::Text
    }

    fn search_text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    fn control(&self, _: &Locale) -> Control {
        Control { placeholder: self.placeholder.clone().unwrap_or_default(), ..Control::default() }
    }

    fn href(&self, value: &Value) -> Option<String> {
        web_address(value.as_str()?).ok().map(String::from)
    }
}
