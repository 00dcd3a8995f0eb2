//! Fields of every type, and what records may hold in them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Texts that fold, cut, or look like patterns.
pub const TEXTS: [&str; 22] = [
    "a",
    "A",
    "Élise",
    "elise",
    "E\u{301}lise",
    "STRASSE",
    "straße",
    "ΑΣ",
    "ας",
    "ﬁne",
    "fine",
    "Å",
    "İx",
    "100%",
    "a_b",
    "c:\\x",
    "日本語",
    "Zoë O'Neil",
    "a b",
    "\"q\"",
    "0",
    "x\u{a0}y",
];

/// Numbers with up to ten decimals, some beyond what a float8 tells apart.
pub const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "-1",
    "2",
    "0.1",
    "-0.1",
    "0.3",
    "0.0000000001",
    "449999.9999999999",
    "450000.0000000001",
    "450000.0000000002",
    "123456789012.0123456789",
    "123456789012.0123456788",
    "999999999999999",
    "999999999999999.9999999999",
    "-999999999999999.5",
    "33.3333333333",
    "1000",
];

const WHOLE: [i64; 9] = [0, 1, -1, 2, 7, 1000, -450_000, 9_007_199_254_740_991, -9_007_199_254_740_991];
/// Days, among them some without a midnight, with two, and the last one.
pub const DAYS: [&str; 8] = [
    "1000-01-01",
    "1970-01-01",
    "2018-02-18",
    "2018-11-04",
    "2024-02-29",
    "2026-01-15",
    "2026-01-31",
    "9999-12-31",
];
/// Instants around those days' beginnings.
pub const INSTANTS: [&str; 8] = [
    "1000-01-02T03:06:28Z",
    "2018-02-18T02:00:00Z",
    "2018-02-18T03:00:00Z",
    "2018-11-04T03:00:00Z",
    "2018-11-04T02:59:59Z",
    "2026-01-15T09:00:00Z",
    "2026-01-15T03:00:00Z",
    "9999-12-30T23:59:59Z",
];
/// Options of both choices and of the list.
pub const OPTIONS: [&str; 4] = ["red", "green", "blue", "none_of"];

/// One field of every type; those that may have a slot twice, with and without.
pub fn fields() -> Vec<Value> {
    let options: Vec<Value> = OPTIONS.iter().map(|key| json!({"key": key, "label": key})).collect();
    let twice = [
        ("words", json!({"type": "text", "max_length": 600})),
        ("whole", json!({"type": "integer"})),
        ("exact", json!({"type": "decimal", "scale": 10})),
        ("price", json!({"type": "money", "currency": "EUR"})),
        ("share", json!({"type": "percent", "min": -1000, "max": 1000, "scale": 4})),
        ("flag", json!({"type": "boolean"})),
        ("day", json!({"type": "date"})),
        ("moment", json!({"type": "date_time"})),
        ("hue", json!({"type": "choice", "options": options})),
        ("parent", json!({"type": "relation", "module": "items"})),
        ("keeper", json!({"type": "member"})),
    ];
    let once = [
        ("story", json!({"type": "long_text"})),
        ("hues", json!({"type": "multi_choice", "options": options})),
        ("friends", json!({"type": "relations", "module": "items"})),
        ("mail", json!({"type": "email", "sortable": false})),
        ("call", json!({"type": "phone", "sortable": false})),
        ("page", json!({"type": "url", "sortable": false})),
        ("clock", json!({"type": "time", "sortable": false})),
        ("takes", json!({"type": "duration", "sortable": false})),
        ("stars", json!({"type": "rating", "sortable": false})),
        ("paint", json!({"type": "color", "sortable": false})),
        ("place", json!({"type": "address", "sortable": false})),
        ("tale", json!({"type": "rich_text"})),
        ("topics", json!({"type": "tags"})),
        ("crew", json!({"type": "members"})),
        ("spot", json!({"type": "location"})),
        ("code", json!({"type": "auto_number", "pattern": "C-{counter:2}", "sortable": false})),
    ];
    let unslotted =
        twice.iter().map(|(key, options)| (format!("{key}_bare"), with(options, "sortable", json!(false))));
    let slotted = twice.iter().map(|(key, options)| ((*key).to_owned(), options.clone()));
    let once = once.iter().map(|(key, options)| ((*key).to_owned(), options.clone()));
    slotted
        .chain(unslotted)
        .chain(once)
        .map(|(key, options)| with(&with(&options, "label", json!(key)), "key", json!(key)))
        .collect()
}

fn with(definition: &Value, key: &str, value: Value) -> Value {
    let mut definition = definition.as_object().cloned().unwrap_or_default();
    definition.insert(key.into(), value);
    definition.into()
}

/// A record; it may point to one of `others`.
pub fn record(others: &[String], user: &str) -> BoxedStrategy<Value> {
    let some = others.len();
    let others: Vec<Value> = others.iter().map(|id| json!(id)).chain([Value::Null]).collect();
    let mut fields: Vec<(String, BoxedStrategy<Value>)> = Vec::new();
    for ending in ["", "_bare"] {
        let mut field =
            |key: &str, values: BoxedStrategy<Value>| fields.push((format!("{key}{ending}"), values));
        field("words", words());
        field("whole", among(&WHOLE));
        field("exact", number());
        field("price", among(&["0", "-1", "0.1", "999999999999999.99", "450000.01", "12.30"]));
        field("share", among(&["0", "-1", "0.1", "33.3333", "1000"]));
        field("flag", among(&[true, false]));
        field("day", among(&DAYS));
        field("moment", among(&INSTANTS));
        field("hue", among(&OPTIONS));
        field("parent", select(others.clone()).boxed());
        field("keeper", Just(json!(user)).boxed());
    }
    fields.extend([
        ("story".to_owned(), words()),
        (
            "hues".to_owned(),
            prop::collection::vec(select(OPTIONS.to_vec()), 0..3).prop_map(|keys| json!(keys)).boxed(),
        ),
        (
            "friends".to_owned(),
            prop::sample::subsequence(others[..some].to_vec(), 0..=some.min(3))
                .prop_map(|ids| json!(ids))
                .boxed(),
        ),
        ("mail".to_owned(), among(&["a@example.org", "Ann@Example.com"])),
        ("call".to_owned(), among(&["+4930123456", "+12025550143"])),
        ("page".to_owned(), among(&["https://example.org/A%20b", "https://example.com/"])),
    ]);
    fields.extend(parts(user));
    let values: Vec<_> =
        fields.iter().map(|(_, values)| prop::option::weighted(0.7, values.clone())).collect();
    let keys: Vec<String> = fields.into_iter().map(|(key, _)| key).collect();
    let stages = select(vec!["to_do", "in_progress", "done"]);
    (values, among(&TEXTS), stages, any::<bool>())
        .prop_map(move |(values, name, stage, owned)| {
            let given = keys.iter().cloned().zip(values).filter_map(|(key, value)| Some((key, value?)));
            let mut data: Map<String, Value> = given.collect();
            data.insert("name".into(), name);
            let mut body = json!({"data": data, "stage": stage});
            if owned {
                body["owner"] = Value::Null;
            }
            body
        })
        .boxed()
}

/// Values of the types that are made of parts, or written in a way of their own.
fn parts(user: &str) -> Vec<(String, BoxedStrategy<Value>)> {
    vec![
        ("clock".to_owned(), among(&["09:00", "18:30"])),
        ("takes".to_owned(), among(&[0, 90, 5_400])),
        ("stars".to_owned(), among(&[1, 3, 5])),
        ("paint".to_owned(), among(&["#ff8800", "#00aa00"])),
        (
            "place".to_owned(),
            among(&[
                json!({"city": "\u{c9}lise"}),
                json!({"line1": "a b", "country": "IN"}),
                json!({"country": "GB"}),
            ]),
        ),
        ("tale".to_owned(), among(&["**a**", "# \u{c9}lise", "x"])),
        ("topics".to_owned(), among(&[json!(["red"]), json!(["red", "x y"])])),
        ("crew".to_owned(), Just(json!([user])).boxed()),
        ("spot".to_owned(), among(&[json!({"lat": 1.5, "lng": 2})])),
    ]
}

fn among<T: Into<Value> + Clone + std::fmt::Debug + 'static>(values: &[T]) -> BoxedStrategy<Value> {
    let values: Vec<Value> = values.iter().cloned().map(Into::into).collect();
    select(values).boxed()
}

fn number() -> BoxedStrategy<Value> {
    let random = (-999_999_999_i64..999_999_999, 0_u32..10)
        .prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale));
    prop_oneof![2 => among(&NUMBERS), 1 => random.prop_map(|number| json!(number.to_string()))].boxed()
}

fn words() -> BoxedStrategy<Value> {
    let long =
        (190_usize..210, "[a-c]").prop_map(|(length, end)| json!(format!("{}{end}", "x".repeat(length))));
    prop_oneof![6 => among(&TEXTS), 1 => long].boxed()
}
