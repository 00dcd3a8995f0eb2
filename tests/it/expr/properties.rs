//! What holds for every source and every record.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use rust_decimal::Decimal;
use trellis::expr::{self, Env, Scope, Type, Value};

use super::{Fields, Record, USER, day, instant, present, text};

/// Pieces of the language, and some that are none.
const PIECES: &str = r#"( ) [ ] , . == != < >= + - * / % ! && || and or not in is empty contains starts_with name
    amount status tags user record birth_date created_at today() days( if( concat( 1 0.5 'open' " ' \ \u00e9 null
    true é 😀 "#;

/// The pieces in any order: mostly nonsense, sometimes deep.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.split_whitespace().collect::<Vec<_>>());
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.join(" "))
}

/// Any bytes, as far as they are text.
fn bytes() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 0..3_000)
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Numbers, some of them at the edges.
pub fn numeric() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "amount",
            "discount",
            "age",
            "0",
            "1",
            "0.000000000001",
            "999999999999999"
        ])
        .prop_map(str::to_owned),
        (0_u32..10_000, 0_u32..100).prop_map(|(whole, part)| format!("{whole}.{part:02}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*/%]", inner.clone()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("round({a}, 3)")),
            inner.clone().prop_map(|a| format!("floor({a}) - ceil({a})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("max({a}, {b})")),
        ]
    })
    .boxed()
}

/// Values of the types other than number.
const WORDS: [&str; 9] = [
    "name",
    "nick",
    "'a'",
    "\"É\\n\"",
    "''",
    "lower(name)",
    "concat(name, amount)",
    "replace(name, 'a', nick)",
    "substring(name, 2)",
];
const ORDERS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
const TESTS: [&str; 3] = ["contains", "starts_with", "ends_with"];
const DAYS: [&str; 8] = [
    "birth_date",
    "'2026-01-01'",
    "date('2026-02-28') + months(1)",
    "today() - days(age)",
    "created_at",
    "now()",
    "start_of(birth_date, 'week')",
    "end_of(created_at, 'month')",
];
const FACTS: [&str; 9] = [
    "active",
    "true",
    "status == 'open'",
    "status not in ['open', 'closed']",
    "tags contains 'vip'",
    "owner == user",
    "owner != null",
    "tags is empty",
    "name in ['a', 'É']",
];

/// One comparison or fact that passes the checker.
fn atom() -> impl Strategy<Value = String> {
    let one_of = |choices: &'static [&'static str]| prop::sample::select(choices);
    prop_oneof![
        (numeric(), one_of(&ORDERS), numeric()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (one_of(&WORDS), one_of(&TESTS), one_of(&WORDS)).prop_map(|(a, test, b)| format!("{a} {test} {b}")),
        (one_of(&DAYS), one_of(&ORDERS), one_of(&DAYS)).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (numeric(), numeric()).prop_map(|(a, b)| format!("({a}) in [{b}, 1]")),
        numeric().prop_map(|a| format!("({a}) is not empty")),
        one_of(&FACTS).prop_map(str::to_owned),
    ]
}

/// Conditions that pass the checker.
pub fn conditional() -> BoxedStrategy<String> {
    atom()
        .prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
                inner.clone().prop_map(|a| format!("not {a}")),
                (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
            ]
        })
        .boxed()
}

/// The fields of a record and what each may hold.
pub fn record() -> impl Strategy<Value = Record> {
    [
        "amount",
        "discount",
        "age",
        "name",
        "nick",
        "active",
        "birth_date",
        "created_at",
        "status",
        "tags",
        "owner",
    ]
    .map(|field| (Just(field), held(field)))
    .to_vec()
    .prop_map(Record::from_iter)
}

/// What `field` may hold.
fn held(field: &str) -> BoxedStrategy<Value> {
    let some: Vec<Value> = match field {
        "amount" | "discount" | "age" => {
            let small = (-100_000_i64..100_000, 0_u32..6);
            let edge = prop::sample::select(vec![Value::Null, Value::Number(Decimal::MAX)]);
            let number = small.prop_map(|(digits, scale)| Value::Number(Decimal::new(digits, scale)));
            return prop_oneof![number, edge].boxed();
        }
        "name" | "nick" => vec![text(""), text("a"), text("É\n"), text("Elise a")],
        "active" => vec![Value::Boolean(true), Value::Boolean(false)],
        "birth_date" => vec![day("2026-01-01"), day("9999-12-31")],
        "created_at" => {
            vec![Value::Instant(instant("2026-01-01T00:00:00Z")), Value::Instant(DateTime::<Utc>::MAX_UTC)]
        }
        "status" => vec![text("open"), text("waiting")],
        "tags" => vec![Value::List(vec![]), Value::List(vec!["vip".to_owned()])],
        _ => vec![text(USER)],
    };
    prop::sample::select([vec![Value::Null], some].concat()).boxed()
}

/// Whether a condition holds; `None` for one over the language's limits.
fn holds(source: &str, record: &Record) -> Option<bool> {
    let checked = match expr::condition(source, &Fields) {
        Ok(checked) => checked,
        Err(problems) => {
            let limit =
                |message: &str| message.contains("nested more than") || message.contains("more than 256");
            assert!(problems.iter().all(|problem| limit(&problem.message)), "{source}: {problems:?}");
            return None;
        }
    };
    let fields = |path: &str| record.get(path).cloned().unwrap_or(Value::Null);
    let env = Env { fields: &fields, now: present(), timezone: Tz::Europe__Berlin, user: Some(USER) };
    match expr::evaluate(&checked, &env) {
        Ok(Value::Boolean(truth)) => Some(truth),
        // A boolean field without a value counts as false.
        Ok(Value::Null) => Some(false),
        other => panic!("{source} gave {other:?}"),
    }
}

/// A scope where every name is a field of one type.
struct Everything(Type);

impl Scope for Everything {
    fn field(&self, _: &[&str]) -> Option<Type> {
        Some(self.0.clone())
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

proptest! {
    #[test]
    fn no_source_does_harm(
        source in prop_oneof![any::<String>(), bytes(), soup(), "[-(!\\[]{0,2000}", "(a[-+*.,<( ]){0,900}"],
        record in record(),
    ) {
        match expr::parse(&source) {
            Ok(parsed) => {
                for scope in [&Fields as &dyn Scope, &Everything(Type::Number), &Everything(Type::Text)] {
                    if let Ok(checked) = expr::check(&parsed, scope) {
                        let fields = |path: &str| record.get(path).cloned().unwrap_or(Value::Null);
                        let env = Env { fields: &fields, now: present(), timezone: Tz::UTC, user: None };
                        let _ = expr::evaluate(&checked, &env);
                        let _ = checked.to_json();
                    }
                }
            }
            Err(problems) => {
                for problem in problems {
                    prop_assert!(problem.start <= problem.end && problem.end <= source.len());
                    prop_assert!(source.get(problem.start..problem.end).is_some(), "{problem:?}");
                }
            }
        }
    }

    #[test]
    fn canonical_source_is_the_same_tree(source in prop_oneof![soup(), conditional(), numeric()]) {
        if let Ok(parsed) = expr::parse(&source) {
            let canonical = parsed.to_string();
            let again = expr::parse(&canonical);
            prop_assert_eq!(again.as_ref(), Ok(&parsed), "{}", canonical);
            prop_assert_eq!(again.map(|again| again.to_string()), Ok(canonical));
        }
    }

    #[test]
    fn every_condition_has_a_truth_and_its_negation_the_other(source in conditional(), record in record()) {
        let (plain, negated) = (holds(&source, &record), holds(&format!("not ({source})"), &record));
        if let (Some(plain), Some(negated)) = (plain, negated) {
            prop_assert_ne!(plain, negated, "{}", source);
        }
    }

    #[test]
    fn de_morgan_holds(a in conditional(), b in conditional(), record in record()) {
        let left = holds(&format!("not (({a}) and ({b}))"), &record);
        let right = holds(&format!("not ({a}) or not ({b})"), &record);
        if let (Some(left), Some(right)) = (left, right) {
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn not_equal_negates_equal(a in numeric(), b in numeric(), record in record()) {
        let equal = holds(&format!("{a} == {b}"), &record);
        let unequal = holds(&format!("{a} != {b}"), &record);
        prop_assert_eq!(equal.map(|equal| !equal), unequal);
    }
}
