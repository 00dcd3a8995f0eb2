//! What becomes of single values of one type as values of another.

use proptest::prelude::*;
use serde_json::{Value, json};
use trellis::field::{Converted, FIELD_TYPES, Field, Locale, convert, may_convert};

fn field(definition: Value) -> Field {
    let mut whole = json!({"key": "f", "label": "F"});
    whole.as_object_mut().expect("an object").extend(definition.as_object().cloned().unwrap_or_default());
    Field::from_json(&whole).expect("a sound field")
}

fn outcome(from: Value, to: Value, value: Value) -> Converted {
    convert(&field(from).kind, &field(to).kind, &value, &Locale::default())
}

fn options() -> Value {
    json!([{"key": "new", "label": "Brand new"}, {"key": "old", "label": "Old"}])
}

#[test]
fn values_that_say_the_same_stay_whole() {
    let choice = json!({"type": "choice", "options": options()});
    for (from, to, value, expected) in [
        (json!({"type": "text"}), json!({"type": "integer"}), json!("1,250"), json!(1250)),
        (json!({"type": "text"}), json!({"type": "date"}), json!("2026-01-31"), json!("2026-01-31")),
        (json!({"type": "text"}), choice.clone(), json!("BRAND NEW"), json!("new")),
        (json!({"type": "text"}), json!({"type": "boolean"}), json!("Yes"), json!(true)),
        (json!({"type": "text"}), json!({"type": "tags"}), json!("Red; blue"), json!(["red", "blue"])),
        (
            json!({"type": "text"}),
            json!({"type": "location"}),
            json!("12.5, 77"),
            json!({"lat": 12.5, "lng": 77}),
        ),
        (choice.clone(), json!({"type": "text"}), json!("new"), json!("Brand new")),
        (choice.clone(), json!({"type": "multi_choice", "options": options()}), json!("old"), json!(["old"])),
        (json!({"type": "decimal"}), json!({"type": "integer"}), json!("12.00"), json!(12)),
        (json!({"type": "integer"}), json!({"type": "duration"}), json!(90), json!(90)),
        (
            json!({"type": "integer"}),
            json!({"type": "money"}),
            json!(5),
            json!({"amount": "5.00", "currency": "USD"}),
        ),
        (
            json!({"type": "date"}),
            json!({"type": "date_time"}),
            json!("2026-01-31"),
            json!("2026-01-31T00:00:00Z"),
        ),
        (json!({"type": "email"}), json!({"type": "text"}), json!("a@b.example"), json!("a@b.example")),
        (json!({"type": "text"}), json!({"type": "text", "max_length": 5}), json!("short"), json!("short")),
    ] {
        assert_eq!(outcome(from.clone(), to.clone(), value), Converted::Whole(expected), "{from} -> {to}");
    }
}

#[test]
fn what_is_lost_is_said() {
    let money = json!({"amount": "12.50", "currency": "EUR"});
    for (from, to, value, expected, lost) in [
        (
            json!({"type": "decimal"}),
            json!({"type": "integer"}),
            json!("12.50"),
            json!(13),
            "12.5 is rounded.",
        ),
        (
            json!({"type": "money"}),
            json!({"type": "decimal"}),
            money,
            json!("12.50"),
            "The currency EUR is dropped.",
        ),
        (json!({"type": "text"}), json!({"type": "integer"}), json!("-0.5"), json!(-1), "-0.5 is rounded."),
        (
            json!({"type": "date_time"}),
            json!({"type": "date"}),
            json!("2026-01-31T09:30:00Z"),
            json!("2026-01-31"),
            "The time 09:30 is dropped.",
        ),
        (
            json!({"type": "long_text"}),
            json!({"type": "text"}),
            json!("a\nb"),
            json!("a b"),
            "Line breaks become blanks.",
        ),
        (
            json!({"type": "rich_text"}),
            json!({"type": "long_text"}),
            json!("# A\n**b**"),
            json!("A\nb"),
            "Headings, emphasis and links become plain text.",
        ),
    ] {
        let found = outcome(from.clone(), to.clone(), value);
        assert_eq!(found, Converted::Reduced(expected, lost.to_owned()), "{from} -> {to}");
    }
}

#[test]
fn what_the_new_type_does_not_have_is_refused() {
    for (from, to, value, code) in [
        (json!({"type": "text"}), json!({"type": "integer"}), json!("many"), "format"),
        (json!({"type": "text"}), json!({"type": "choice", "options": options()}), json!("used"), "option"),
        (json!({"type": "text"}), json!({"type": "boolean"}), json!("perhaps"), "format"),
        (json!({"type": "integer"}), json!({"type": "rating"}), json!(9), "max"),
        (
            json!({"type": "tags"}),
            json!({"type": "choice", "options": options()}),
            json!(["new", "old"]),
            "max",
        ),
        (json!({"type": "text"}), json!({"type": "text", "max_length": 3}), json!("long"), "length"),
    ] {
        let found = outcome(from.clone(), to.clone(), value);
        assert!(
            matches!(&found, Converted::Refused(reject) if reject.code == code),
            "{from} -> {to}: {found:?}"
        );
    }
}

/// A field of every sample of every type.
fn every() -> Vec<Field> {
    let of_type = |info: &'static trellis::field::TypeInfo| {
        (info.samples)().into_iter().map(move |sample| {
            let mut definition = json!({"type": info.key});
            definition
                .as_object_mut()
                .expect("an object")
                .extend(sample.options.as_object().cloned().unwrap_or_default());
            field(definition)
        })
    };
    FIELD_TYPES.iter().flat_map(of_type).collect()
}

#[test]
fn every_sample_of_every_type_becomes_a_sound_value_or_is_refused() {
    let (fields, locale) = (every(), Locale::default());
    let mut whole = 0;
    for from in &fields {
        let info = FIELD_TYPES.iter().find(|info| info.key == from.kind.type_key()).expect("a type");
        for to in &fields {
            if may_convert(&from.kind, &to.kind).is_err() {
                continue;
            }
            for accepted in (info.samples)().into_iter().flat_map(|sample| sample.accepted) {
                match convert(&from.kind, &to.kind, &accepted.stored, &locale) {
                    Converted::Whole(value) | Converted::Reduced(value, _) => {
                        assert_eq!(to.kind.normalise(value.clone(), &locale), Ok(value));
                        whole += 1;
                    }
                    Converted::Refused(reject) => {
                        assert!(reject.message.ends_with('.'), "{}", reject.message)
                    }
                }
            }
        }
    }
    assert!(whole > 500, "only {whole} values were converted");
}

#[test]
fn senseless_changes_are_refused_as_a_whole() {
    let may = |from: Value, to: Value| may_convert(&field(from).kind, &field(to).kind);
    for (from, to) in [
        (json!({"type": "relation", "module": "x"}), json!({"type": "text"})),
        (json!({"type": "text"}), json!({"type": "relation", "module": "x"})),
        (json!({"type": "text"}), json!({"type": "auto_number", "pattern": "{counter}"})),
        (json!({"type": "member"}), json!({"type": "text"})),
        (json!({"type": "date"}), json!({"type": "integer"})),
        (json!({"type": "time"}), json!({"type": "date"})),
        (json!({"type": "boolean"}), json!({"type": "money"})),
    ] {
        assert!(
            may(from.clone(), to.clone()).is_err_and(|reason| reason.contains("cannot become")),
            "{from} {to}"
        );
    }
    assert!(may(json!({"type": "member"}), json!({"type": "members"})).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_text_makes_a_conversion_panic(text in any::<String>()) {
        let from = field(json!({"type": "long_text"}));
        for to in every() {
            if let Converted::Whole(value) = convert(&from.kind, &to.kind, &json!(text), &Locale::default()) {
                prop_assert_eq!(to.kind.normalise(value.clone(), &Locale::default()), Ok(value));
            }
        }
    }
}
