//! Field type `email`: an e-mail address.

use ::url::Host;
use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::field::{Accepted, Cast, Control, FieldType, Locale, Reject, Sample, read};

/// The most bytes of an address that can be delivered to (RFC 5321).
const LONGEST: usize = 254;

/// Options of an e-mail field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// An example shown in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

/// Lower-cases an address and brings its host to ASCII. Quoted local parts and address literals are refused: they are
/// legal, and nearly always a mistake or an attack.
fn address(text: &str) -> Option<String> {
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    let read = |text: &str| EmailAddress::parse_with_options(text, options).ok();
    let given = read(text)?;
    let Ok(Host::Domain(host)) = Host::parse(given.domain()) else { return None };
    let local: String = given.local_part().to_lowercase().nfc().collect();
    let address = format!("{local}@{host}");
    let sound = !local.contains('"') && address.len() <= LONGEST && read(&address).is_some();
    sound.then_some(address)
}

impl FieldType for Email {
    const KEY: &'static str = "email";
    const SUMMARY: &'static str =
        "An e-mail address; stored in lower case with its host in ASCII, and shown as a link.";
    const ICON: &'static str = "mail";
    const PARTIAL: &'static str = include_str!("email.hbs");
    const SEARCHED: bool = true;

    fn samples() -> Vec<Sample> {
        vec![Sample::new(
            json!({"placeholder": "asha@example.com"}),
            [
                Accepted::new(&[" Asha.Rao@Example.COM "], "asha.rao@example.com", "asha.rao@example.com"),
                Accepted::new(
                    &["info@b\u{fc}cher.example"],
                    "info@xn--bcher-kva.example",
                    "info@xn--bcher-kva.example",
                ),
            ],
            [
                (json!(false), "type"),
                (json!("asha"), "format"),
                (json!("asha@localhost"), "format"),
                (json!("Asha <asha@example.com>"), "format"),
                (json!("\"a b\"@example.com"), "format"),
                (json!("asha@[127.0.0.1]"), "format"),
                (json!("a@example.com, b@example.com"), "format"),
            ],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {"placeholder": super::placeholder_schema()}})
    }

    fn json_schema(&self) -> Value {
        json!({"type": "string", "format": "idn-email", "maxLength": LONGEST})
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        let line = read::line(&value)?;
        // Case and host may make an address shorter, hardly by half.
        let address = (line.len() <= 2 * LONGEST).then(|| address(&line)).flatten();
        address
            .map(Value::from)
            .ok_or_else(|| Reject::new("format", "Enter an e-mail address such as name@example.com."))
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
        value.as_str()?.parse().ok().map(|address: EmailAddress| address.to_uri())
    }
}
