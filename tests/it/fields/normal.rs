//! Texts are kept in one form: bringing a value into it a second time changes nothing, and all of it is NFC.

use proptest::prelude::*;
use serde_json::{Value, json};
use trellis::field::{Field, Locale};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Definitions of every type that keeps texts of people.
fn fields() -> Vec<Field> {
    ["text", "long_text", "rich_text", "code", "email", "phone", "url", "tags", "address", "color", "time"]
        .iter()
        .map(|kind| Field::from_json(&json!({"key": "f", "label": "F", "type": kind})).expect("sound"))
        .collect()
}

/// Texts of letters with loose accents, blanks, line breaks and Markdown in them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ae\u{301}\u{308}\u{212b}\u{fb01}A \n\r<>*_`#\\[\\]()!-]{1,40}",
        "[a-z\u{e9}e\u{301}]{1,6}@[a-z\u{fc}u\u{308}]{1,8}\\.(de|com)",
        "https?://[a-z\u{fc}u\u{308}]{1,8}\\.com/[a-z\u{e9} ]{0,6}",
        "[+]?[0-9 ()-]{6,14}",
    ]
}

fn all_nfc(value: &Value) -> bool {
    match value {
        Value::String(text) => is_nfc(text),
        Value::Array(items) => items.iter().all(all_nfc),
        Value::Object(map) => map.values().all(all_nfc),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn normal_forms_are_nfc_and_final(text in text()) {
        let locale = Locale::default();
        for field in fields() {
            let Ok(value) = field.kind.parse(&[&text]) else { continue };
            let Ok(once) = field.kind.normalise(value, &locale) else { continue };
            prop_assert!(all_nfc(&once), "{}: {once}", field.kind.type_key());
            prop_assert_eq!(field.kind.normalise(once.clone(), &locale), Ok(once));
        }
    }

    #[test]
    fn two_spellings_of_a_text_are_one_value(text in "[a-z\u{e9}\u{fc}\u{e5}]{1,12}") {
        let locale = Locale::default();
        let apart: String = text.nfd().collect();
        for kind in ["text", "long_text", "rich_text", "code"] {
            let field = Field::from_json(&json!({"key": "f", "label": "F", "type": kind})).expect("sound");
            let read = |text: &str| field.kind.normalise(json!(text), &locale);
            prop_assert_eq!(read(&apart), read(&text));
        }
    }
}

#[test]
fn links_of_rich_texts_lead_to_full_addresses_however_they_are_written() {
    let field = Field::from_json(&json!({"key": "f", "label": "F", "type": "rich_text"})).expect("sound");
    let code =
        |text: &str| field.kind.normalise(json!(text), &Locale::default()).map_err(|reject| reject.code);
    for text in [
        "[a](&#106;avascript:alert)",
        "[a](JAVASCRIPT:alert)",
        "[a](/records)",
        "<javascript:alert>",
        "[a]\n\n[a]: data:text/html,x",
        "![a](//example.com/a.png)",
    ] {
        assert_eq!(code(text), Err("format"), "{text}");
    }
    for text in
        ["<ann@example.com>", "[a](HTTPS://example.com)", "<https://example.com/a>", "[a](tel:+1)", "[a] (b)"]
    {
        assert_eq!(code(text), Ok(json!(text)), "{text}");
    }
}

#[test]
fn hosts_and_numbers_have_their_international_form() {
    let stored = |kind: &str, text: &str| {
        let field = Field::from_json(&json!({"key": "f", "label": "F", "type": kind})).expect("sound");
        let value =
            field.kind.parse(&[text]).and_then(|value| field.kind.normalise(value, &Locale::default()));
        value.expect("accepted")
    };
    assert_eq!(stored("email", "Info@BU\u{308}cher.example"), "info@xn--bcher-kva.example");
    assert_eq!(stored("url", "http://b\u{fc}cher.example/a"), "http://xn--bcher-kva.example/a");
    assert_eq!(stored("phone", "(202) 555-0123"), "+12025550123");
}
