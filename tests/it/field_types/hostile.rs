//! Hostile and random input: no field type panics, and whatever one accepts is sound.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Number, Value, json};
use trellis::field::{Field, Key, Locale};

use super::{assert_stored_soundly, samples, validator};

/// A field of every sample, with the compiled schema of its values; made once, since random tests ask often.
static FIELDS: LazyLock<Vec<(Field, Validator)>> = LazyLock::new(|| {
    samples().into_iter().map(|(field, _)| (field.clone(), validator(&field.kind.json_schema()))).collect()
});

/// Everything that a field type can be asked about a value.
fn exercise(subject: &(Field, Validator), value: &Value, locale: &Locale) {
    let kind = &subject.0.kind;
    kind.display(value, locale);
    kind.form_texts(value, locale);
    kind.key(value);
    kind.expr_value(value);
    kind.search_text(value);
    kind.href(value);
    if let Some(text) = value.as_str() {
        for texts in [&[][..], &[text], &[text, text], &[text, text, text]] {
            kind.is_blank(texts);
            if let Ok(parsed) = kind.parse(texts) {
                check(subject, parsed, locale);
            }
        }
    }
    check(subject, value.clone(), locale);
}

fn check((field, schema): &(Field, Validator), value: Value, locale: &Locale) {
    if let Ok(stored) = field.kind.normalise(value, locale) {
        assert!(schema.is_valid(&stored), "{}: {stored} against its schema", field.kind.type_key());
        assert_stored_soundly(field, &stored, locale);
    }
}

fn hostile_numbers() -> Vec<Value> {
    vec![
        json!(1e308),
        json!(-1e308),
        json!(5e-324),
        json!(0.1 + 0.2),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("1e131071"),
        json!("-.5"),
        json!("."),
        json!("-"),
        json!("1,,000"),
        json!("NaN"),
        json!("+00000000000000000000000001"),
    ]
}

fn hostile_texts_and_shapes() -> Vec<Value> {
    let deep = (0..1000).fold(Value::Null, |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!("\u{0}"),
        json!("\u{feff}\u{202e}abc"),
        json!("x".repeat(1_000_000)),
        json!("9".repeat(100_000)),
        json!("\u{301}".repeat(70)),
        json!("\u{fdfa}".repeat(20_000)),
        json!("9999-12-31T23:59:59-23:59"),
        json!("2016-12-31T23:59:60Z"),
        json!("+999999-01-01"),
        json!("2026-01-01T00:00"),
        json!("http://[::1]:99999/"),
        json!("https://\u{430}\u{440}\u{440}\u{4cf}e.com"),
        json!("+".repeat(40)),
        json!("+1;ext=5"),
        json!("tel:+12025550123;phone-context=x"),
        json!(["a", ["b"], {"c": null}]),
        json!({"amount": {"amount": 1}, "currency": ["USD"]}),
        json!({"amount": 1e300, "currency": "\u{0}"}),
        deep,
        Value::from(vec![json!("lift"); 10_000]),
    ]
}

#[test]
fn a_pile_of_hostile_values_neither_panics_nor_is_stored_unsoundly() {
    for value in hostile_numbers().iter().chain(&hostile_texts_and_shapes()) {
        for subject in FIELDS.iter() {
            exercise(subject, value, &Locale::default());
        }
    }
}

/// Texts near to what the types read, so that many are accepted.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[+-]?[0-9]{0,18}[.,]?[0-9]{0,12}",
        "[0-9]{1,3}(,[0-9]{2,3}){0,3}(\\.[0-9]{1,3})?",
        "[A-Za-z0-9._%+'\u{130}\u{df}\u{e9}-]{1,12}@[A-Za-z0-9\u{fc}.-]{1,12}\\.[a-z]{2,3}",
        "(http|HTTPS?)://[A-Za-z0-9\u{fc}.%-]{1,12}(:[0-9]{1,5})?(/[ -~]{0,12})?",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?)?",
        "(\\+[1-9])?[0-9 ()-]{5,14}",
        "[a-f0-9]{8}-?[a-f0-9]{4}-?[a-f0-9]{4}-?[a-f0-9]{4}-?[a-f0-9]{12}",
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
        (-1e6..1e6f64).prop_map(|float| json!((float * 100.0).round() / 100.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"amount": a, "currency": b})),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_accepted_is_sound_and_passes_its_schema(value in json(), zone in 0..4_usize) {
        // Zones with a fixed offset: elsewhere an hour comes twice a year, and only the first of the two is read back.
        let zones = [chrono_tz::UTC, chrono_tz::Asia::Kolkata, chrono_tz::Etc::GMTPlus12, chrono_tz::Etc::GMTMinus14];
        let locale = Locale { timezone: zones[zone], ..Locale::default() };
        for subject in FIELDS.iter() {
            exercise(subject, &value, &locale);
        }
    }

    #[test]
    fn number_keys_order_as_the_numbers_do(a in -1_000_000_000_000_000_i64..1_000_000_000_000_000, b in any::<i32>()) {
        for kind in ["integer", "decimal", "money"] {
            let field = Field::from_json(&json!({"key": "n", "label": "N", "type": kind})).expect("sound");
            let key = |number: i64| {
                let stored = field.kind.normalise(json!(number), &Locale::default()).expect("in range");
                field.kind.key(&stored).expect("numbers have keys")
            };
            let b = i64::from(b);
            prop_assert_eq!(key(a).partial_cmp(&key(b)), Some(a.cmp(&b)));
            prop_assert_eq!(key(a).partial_cmp(&key(a / 2)), Some(a.cmp(&(a / 2))));
        }
    }

    #[test]
    fn date_keys_order_as_the_days_do(a in 0..3_000_000_i32, b in 0..3_000_000_i32) {
        let field = Field::from_json(&json!({"key": "d", "label": "D", "type": "date"})).expect("sound");
        let first = chrono::NaiveDate::from_ymd_opt(1000, 1, 1).expect("a date");
        let key = |days: i32| {
            let day = first + chrono::Days::new(days.unsigned_abs().into());
            field.kind.key(&json!(day.to_string())).expect("days have keys")
        };
        prop_assert_eq!(key(a).partial_cmp(&key(b)), Some(a.cmp(&b)));
    }

    #[test]
    fn definitions_of_random_json_are_refused_or_sound(value in json(), key in "[a-z_]{1,8}") {
        let _ = Field::from_json(&value);
        for (field, _) in FIELDS.iter() {
            let mut definition = serde_json::to_value(field).expect("JSON");
            definition[&key] = value.clone();
            definition["pattern"] = value.clone();
            if let Ok(field) = Field::from_json(&definition) {
                validator(&field.kind.json_schema());
            }
        }
    }
}

#[test]
fn text_keys_are_folded_and_cut() {
    let field = Field::from_json(&json!({"key": "t", "label": "T", "type": "text", "max_length": 1000}));
    let field = field.expect("sound");
    assert_eq!(field.kind.key(&json!("\u{c9}lise")), Some(Key::Text("elise".into())));
    let long = field.kind.key(&json!("\u{e9}".repeat(900)));
    assert_eq!(long, Some(Key::Text("e".repeat(Key::TEXT_CHARS))));
}
