//! The suite that every field type passes: its samples go all the way, and nothing hostile gets through.

mod definition;
mod face;
mod hostile;
mod reference;

use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};
use trellis::expr;
use trellis::field::kind::auto_number::AutoNumber;
use trellis::field::{Cast, FIELD_TYPES, Field, FieldKind, Key, Locale, Sample, TypeInfo};

/// A field definition of a type, as a template would write it.
fn definition(info: &TypeInfo, options: &Value) -> Value {
    let mut definition = json!({"key": "sample", "label": "Sample", "type": info.key});
    for (key, value) in options.as_object().into_iter().flatten() {
        definition[key] = value.clone();
    }
    definition
}

/// Every sample with the field that it describes.
fn samples() -> Vec<(Field, Sample)> {
    let of_type = |info: &'static TypeInfo| {
        (info.samples)().into_iter().map(move |sample| {
            let field = Field::from_json(&definition(info, &sample.options))
                .unwrap_or_else(|faults| panic!("{}: {faults:?}", info.key));
            (field, sample)
        })
    };
    FIELD_TYPES.iter().flat_map(of_type).collect()
}

/// A compiled schema under the limits that tenants' patterns have.
fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(64 * 1024))
        .build(schema)
        .expect("a field's schema compiles")
}

/// What must hold of any value that a field has accepted.
fn assert_stored_soundly(field: &Field, stored: &Value, locale: &Locale) {
    let kind = &field.kind;
    let name = kind.type_key();
    let again = kind.normalise(stored.clone(), locale);
    assert_eq!(again.as_ref(), Ok(stored), "{name}: normalise changes a stored value");
    let texts = kind.form_texts(stored, locale);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert!(!kind.is_blank(&texts), "{name}: a stored value fills its form with blanks: {stored}");
    let typed = kind.parse(&texts).and_then(|value| kind.normalise(value, locale));
    assert_eq!(typed.as_ref(), Ok(stored), "{name}: the form texts {texts:?} do not give the value back");
    assert_eq!(kind.key(stored).is_some(), kind.is_slotted(), "{name}: key of {stored}");
    assert_ne!(kind.expr_value(stored), expr::Value::Null, "{name}: {stored} in expressions");
    assert!(!kind.display(stored, locale).is_empty(), "{name}: {stored} shows nothing");
}

#[test]
fn every_type_has_samples_that_accept_and_refuse() {
    for info in FIELD_TYPES {
        let samples = (info.samples)();
        assert!(samples.iter().any(|sample| !sample.accepted.is_empty()), "{} accepts nothing", info.key);
        assert!(samples.iter().any(|sample| !sample.refused.is_empty()), "{} refuses nothing", info.key);
        assert!(info.summary.ends_with('.') && !info.icon.is_empty(), "{} says what it is", info.key);
    }
    assert_eq!(FIELD_TYPES.len(), 30);
}

#[test]
fn accepted_texts_become_the_stored_value_and_its_display() {
    let locale = Locale::default();
    for (field, sample) in samples() {
        let kind = &field.kind;
        for accepted in &sample.accepted {
            assert_eq!(kind.display(&accepted.stored, &locale), accepted.display, "{}", kind.type_key());
            if kind.is_assigned() {
                continue;
            }
            let value = kind.parse(&accepted.texts).expect("a sample's text is read");
            let stored = kind.normalise(value, &locale);
            assert_eq!(stored.as_ref(), Ok(&accepted.stored), "{}: {:?}", kind.type_key(), accepted.texts);
            assert_stored_soundly(&field, &accepted.stored, &locale);
        }
    }
}

#[test]
fn stored_values_pass_the_json_schema() {
    for (field, sample) in samples() {
        let schema = field.kind.json_schema();
        assert!(!schema.to_string().contains("$ref"), "{}", field.kind.type_key());
        let validator = validator(&schema);
        for accepted in &sample.accepted {
            assert!(validator.is_valid(&accepted.stored), "{}: {}", field.kind.type_key(), accepted.stored);
        }
    }
}

#[test]
fn refused_values_give_their_code_and_a_sentence() {
    for (field, sample) in samples() {
        for (value, code) in &sample.refused {
            let reject = field.kind.normalise(value.clone(), &Locale::default());
            let reject = reject.expect_err(&format!("{} refuses {value}", field.kind.type_key()));
            assert_eq!(reject.code, *code, "{}: {value}: {}", field.kind.type_key(), reject.message);
            assert!(reject.message.ends_with('.'), "{}: {}", field.kind.type_key(), reject.message);
        }
    }
}

#[test]
fn blank_input_is_blank() {
    for (field, _) in samples() {
        for texts in [&[][..], &[""], &["  "], &["", ""]] {
            assert!(field.kind.is_blank(texts), "{}: {texts:?}", field.kind.type_key());
        }
    }
}

#[test]
fn keys_are_of_the_family_that_the_cast_names() {
    for (field, sample) in samples() {
        let cast = field.kind.cast();
        for key in sample.accepted.iter().filter_map(|accepted| field.kind.key(&accepted.stored)) {
            let fits = match cast {
                Cast::Text | Cast::Exact | Cast::Option | Cast::Place => matches!(key, Key::Text(_)),
                Cast::Number | Cast::Amount | Cast::Boolean => matches!(key, Key::Number(_)),
                Cast::Date | Cast::Instant => matches!(key, Key::Instant(_)),
                Cast::List | Cast::Whole => false,
            };
            assert!(fits, "{}: {key:?} is no key of {cast:?}", field.kind.type_key());
        }
    }
}

#[test]
fn only_searched_types_give_search_text() {
    for (field, sample) in samples() {
        for accepted in &sample.accepted {
            let text = field.kind.search_text(&accepted.stored);
            assert_eq!(text.is_some(), field.kind.is_searched(), "{}", field.kind.type_key());
        }
    }
}

#[test]
fn a_retired_option_stays_readable_and_is_not_chosen_any_more() {
    let field = Field::from_json(&json!({
        "key": "state", "label": "State", "type": "choice",
        "options": [{"key": "old", "label": "Old", "active": false}, {"key": "new", "label": "New"}],
    }))
    .expect("a sound field");
    let locale = Locale::default();
    assert_eq!(field.kind.display(&json!("old"), &locale), "Old");
    assert!(validator(&field.kind.json_schema()).is_valid(&json!("old")));
    let reject = field.kind.normalise(json!("old"), &locale).expect_err("retired");
    assert_eq!(reject.code, "option");
}

#[test]
fn local_times_are_read_and_shown_in_the_tenants_zone() {
    let field = Field::from_json(&json!({"key": "at", "label": "At", "type": "date_time"})).expect("sound");
    let locale = Locale { timezone: chrono_tz::Europe::Berlin, ..Locale::default() };
    let read = |text: &str| field.kind.normalise(json!(text), &locale);
    assert_eq!(read("2026-07-01T14:30"), Ok(json!("2026-07-01T12:30:00Z")));
    assert_eq!(field.kind.display(&json!("2026-07-01T12:30:00Z"), &locale), "2026-07-01 14:30");
    assert_eq!(field.kind.form_texts(&json!("2026-07-01T12:30:09Z"), &locale), ["2026-07-01T14:30:09"]);
    assert_eq!(
        read("2026-03-29T02:30").map_err(|reject| reject.code),
        Err("format"),
        "skipped by the clocks"
    );
    assert_eq!(read("2026-10-25T02:30"), Ok(json!("2026-10-25T00:30:00Z")), "the first of two");
}

#[test]
fn national_phone_numbers_are_read_in_the_tenants_country() {
    let field = Field::from_json(&json!({"key": "phone", "label": "Phone", "type": "phone"})).expect("sound");
    let locale = Locale { country: "IN".into(), ..Locale::default() };
    assert_eq!(field.kind.normalise(json!("098765 43210"), &locale), Ok(json!("+919876543210")));
    let nowhere = Locale { country: "??".into(), ..Locale::default() };
    assert!(field.kind.normalise(json!("098765 43210"), &nowhere).is_err());
    assert!(field.kind.normalise(json!("+919876543210"), &nowhere).is_ok());
}

#[test]
fn long_numbers_are_grouped_as_the_country_does() {
    let field =
        Field::from_json(&json!({"key": "n", "label": "N", "type": "decimal", "unit": "m"})).expect("sound");
    let india = Locale { country: "IN".into(), ..Locale::default() };
    assert_eq!(field.kind.display(&json!("1234567.50"), &india), "12,34,567.50 m");
    assert_eq!(field.kind.display(&json!("1234567.50"), &Locale::default()), "1,234,567.50 m");
    assert_eq!(field.kind.display(&json!("-1234.50"), &india), "-1234.50 m");
}

#[test]
fn auto_numbers_count_in_series() {
    let on = |text: &str| text.parse().expect("a date");
    let number = |pattern: &str| AutoNumber { pattern: pattern.into() };
    let invoice = number("INV-{year}{month}-{counter:5}");
    assert_eq!(invoice.render(42, on("2026-03-09")), "INV-202603-00042");
    assert_eq!(invoice.series(on("2026-03-09")), "2026-03");
    assert_eq!(number("P{counter}").render(123_456, on("2026-03-09")), "P123456");
    assert_eq!(number("P{counter:3}").series(on("2026-03-09")), "");
    let kind = FieldKind::AutoNumber(invoice);
    assert!(kind.is_assigned() && kind.parse(&["INV-202603-00042"]).is_err());
}
