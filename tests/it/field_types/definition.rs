//! Field definitions: what is accepted, and that all faults are found at once with their places.

use serde_json::{Value, json};
use trellis::field::{FIELD_TYPES, Field, field_schema};

use super::{definition, samples, validator};

/// The faults of a definition as `pointer: message`.
fn faults(definition: &Value) -> Vec<String> {
    let faults = Field::from_json(definition).expect_err("the definition has faults");
    faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect()
}

#[test]
fn options_of_samples_are_accepted_by_schema_and_serde() {
    let all = validator(&field_schema());
    for info in FIELD_TYPES {
        for sample in (info.samples)() {
            let definition = definition(info, &sample.options);
            assert!(all.is_valid(&definition), "{}: {definition}", info.key);
            let field: Field =
                serde_json::from_value(definition).expect("serde reads what the schema accepts");
            assert!(field.kind.check().is_empty(), "{}", info.key);
        }
    }
}

#[test]
fn every_option_is_described() {
    for info in FIELD_TYPES {
        let schema = (info.options_schema)();
        let options = schema["properties"].as_object().expect("an object of properties");
        for (key, option) in options {
            assert!(option["description"].is_string(), "{}.{key} has no description", info.key);
            assert!(!Field::COMMON_KEYS.contains(&key.as_str()), "{}.{key} hides a common key", info.key);
        }
    }
}

#[test]
fn an_unknown_option_is_refused_by_schema_and_serde() {
    let all = validator(&field_schema());
    for (field, sample) in samples() {
        let mut definition = serde_json::to_value(&field).expect("a field is JSON");
        definition["surprise"] = json!(1);
        assert!(!all.is_valid(&definition), "{}", field.kind.type_key());
        assert_eq!(faults(&definition), ["/surprise: unknown key 'surprise'"], "{:?}", sample.options);
        serde_json::from_value::<Field>(definition).expect_err("serde refuses what the schema refuses");
    }
}

#[test]
fn a_definition_survives_being_written_and_read() {
    for (field, _) in samples() {
        let written = serde_json::to_value(&field).expect("a field is JSON");
        let read = Field::from_json(&written).expect("what is written is sound");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), written, "{}", field.kind.type_key());
    }
}

#[test]
fn all_faults_are_found_at_once() {
    let found = faults(&json!({
        "key": "Blood Group", "label": "  ", "type": "choice", "lable": "x", "requird": true, "help": 7,
        "options": [
            {"key": "a", "label": "A", "colour": "red"},
            {"key": "b", "color": "blu"},
            {"key": "c/", "label": "C", "active": "no"},
        ],
    }));
    assert_eq!(
        found,
        [
            "/help: must be of type string",
            "/key: must be a key: a lower-case letter, then up to 47 letters, digits or _",
            "/label: must not be empty",
            "/lable: unknown key 'lable' (did you mean 'label'?)",
            "/options/0/colour: unknown key 'colour' (did you mean 'color'?)",
            "/options/1: the key 'label' is missing",
            "/options/1/color: 'blu' is not known here (did you mean 'blue'?)",
            "/options/2/active: must be of type boolean",
            "/options/2/key: must be a key: a lower-case letter, then up to 47 letters, digits or _",
            "/requird: unknown key 'requird' (did you mean 'required'?)",
        ]
    );
}

#[test]
fn a_missing_or_unknown_type_does_not_hide_other_faults() {
    assert_eq!(
        faults(&json!({"label": ""})),
        [": the key 'type' is missing", ": the key 'key' is missing", "/label: must not be empty"]
    );
    assert_eq!(
        faults(&json!({"key": "9", "label": "N", "type": "int"}))[1..],
        ["/key: must be a key: a lower-case letter, then up to 47 letters, digits or _"]
    );
    assert_eq!(
        faults(&json!({"key": "n", "label": "N", "type": "long_txt"})),
        ["/type: 'long_txt' is not known here (did you mean 'long_text'?)"]
    );
    assert_eq!(faults(&json!([1])), [": a field is a mapping with key, label and type"]);
}

/// Each definition's first fault starts with the given words.
fn assert_faults(cases: &[(Value, &str)]) {
    for (options, expected) in cases {
        let mut definition = json!({"key": "x", "label": "X"});
        for (key, value) in options.as_object().into_iter().flatten() {
            definition[key] = value.clone();
        }
        let found = faults(&definition).join("\n");
        assert!(found.starts_with(expected), "{options}: {found}");
    }
}

#[test]
fn numbers_dates_and_patterns_must_make_sense() {
    assert_faults(&[
        (json!({"type": "integer", "min": 5, "max": "4"}), "/min: min is greater than max"),
        (json!({"type": "percent", "min": 101}), "/min: min is greater than max"),
        (json!({"type": "decimal", "scale": 11}), "/scale: must be at most 10"),
        (json!({"type": "decimal", "scale": "11"}), "/scale: 11 is out of range; give 0 to 10"),
        (json!({"type": "text", "min_length": 300}), "/min_length: min_length 300 is greater than 200"),
        (json!({"type": "text", "pattern": "a("}), "/pattern: not a pattern: unclosed group"),
        (json!({"type": "text", "pattern": "a)|(b"}), "/pattern: not a pattern: unopened group"),
        (json!({"type": "text", "pattern": "(?=a)"}), "/pattern: not a pattern: look-around"),
        (json!({"type": "text", "pattern": "(\\pL{100}){100}"}), "/pattern: this pattern is too big"),
        (json!({"type": "date", "min": "2026-02-30"}), "/min: must be a date such as 2026-11-21"),
        (
            json!({"type": "money", "currency": "EURO"}),
            "/currency: 'EURO' is not known here (did you mean 'EUR'?)",
        ),
    ]);
}

#[test]
fn references_options_and_abilities_must_make_sense() {
    assert_faults(&[
        (json!({"type": "phone", "country": "QQ"}), "/country: 'QQ' is no country code (ISO 3166-1)"),
        (json!({"type": "relation"}), ": the key 'module' is missing"),
        (json!({"type": "auto_number", "pattern": "INV"}), "/pattern: the pattern needs {counter:5}, once"),
        (
            json!({"type": "auto_number", "pattern": "{month}{counter}"}),
            "/pattern: with {month} the pattern needs",
        ),
        (json!({"type": "auto_number", "pattern": "{counter:99}"}), "/pattern: '{counter:99}' is none of"),
        (json!({"type": "choice", "options": []}), "/options: must have at least 1"),
        (
            json!({"type": "choice", "options": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]}),
            "/options/1/key: the option key 'a' is there twice",
        ),
        (json!({"type": "long_text", "unique": true}), "/unique: a field of type long_text cannot be unique"),
        (
            json!({"type": "long_text", "sortable": true}),
            "/sortable: a field of type long_text cannot be sorted",
        ),
        (
            json!({"type": "integer", "searchable": true}),
            "/searchable: a field of type integer is not searched",
        ),
        (json!({"type": "integer", "default": "x"}), "/default: not a value of this field: Enter a number"),
        (json!({"type": "date", "default": {"expr": 1}}), "/default: an expression is written"),
    ]);
}

#[test]
fn more_options_than_the_limit_are_refused() {
    let with = |count: usize| {
        let options: Vec<Value> = (0..count).map(|i| json!({"key": format!("o{i}"), "label": "O"})).collect();
        json!({"key": "x", "label": "X", "type": "choice", "options": options})
    };
    Field::from_json(&with(500)).expect("at the limit");
    assert_eq!(faults(&with(501)), ["/options: must have at most 500"]);
}

#[test]
fn defaults_and_abilities_follow_the_definition() {
    let field = |definition: Value| Field::from_json(&definition).expect("a sound field");
    let text = field(json!({"key": "x", "label": "X", "type": "text", "default": "new"}));
    assert!(text.is_searchable() && text.wants_slot() && !text.is_read_only());
    let quiet =
        field(json!({"key": "x", "label": "X", "type": "text", "searchable": false, "sortable": false}));
    assert!(!quiet.is_searchable() && !quiet.wants_slot());
    let long = field(json!({"key": "x", "label": "X", "type": "long_text"}));
    assert!(long.is_searchable() && !long.wants_slot());
    let number = field(json!({"key": "x", "label": "X", "type": "auto_number", "pattern": "{counter:4}"}));
    assert!(number.is_read_only());
    field(json!({"key": "x", "label": "X", "type": "date", "default": {"expr": "today()"}}));
}
