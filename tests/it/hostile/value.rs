//! Values of wrong types and sizes, for a field of every type.

use serde_json::{Value, json};

use super::{refused, unharmed};
use crate::records::{ITEMS, add_field, at, create, footprint, patch, starter};

/// Values that are wrong for at least most types.
fn values() -> Vec<Value> {
    vec![
        json!(true),
        json!(-1),
        json!(1e300),
        json!(-1e300),
        json!(5e-324),
        json!(18_446_744_073_709_551_615_u64),
        json!(0.1),
        json!("NaN"),
        json!("Infinity"),
        json!("1e131071"),
        json!("9".repeat(5_000)),
        json!("0x10"),
        json!("１２"),
        json!("-"),
        json!("."),
        json!("x".repeat(70_000)),
        json!("\u{202e}\u{feff}\u{0007}"),
        json!("a\nb\rc"),
        json!("2026-02-30"),
        json!("-0001-01-01"),
        json!("+99999-01-01"),
        json!("10000-01-01T00:00:00Z"),
        json!("2026-01-01T25:00:00Z"),
        json!("2026-01-01T00:00:00+99:99"),
        json!("javascript:alert(1)"),
        json!("http://[::1"),
        json!("https://user:pass@example.org:99999/"),
        json!("a@b@c"),
        json!("@"),
        json!("+".repeat(400)),
        json!("019bc000-0000-7000-8000-000000000000"),
        json!({}),
        json!({"id": null}),
        json!({"id": {}}),
        json!({"amount": "1", "currency": "ZZZ"}),
        json!({"amount": "1", "currency": "EUR", "more": 1}),
        json!({"amount": {}}),
        json!([[]]),
        json!(["red", 5]),
        json!(["red", "red", "none"]),
        json!(vec!["red"; 600]),
        json!(vec![json!(null); 3]),
        json!({"expr": "now()"}),
    ]
}

#[tokio::test]
async fn every_type_takes_or_refuses_any_value() {
    let (app, owner) = starter("acme").await;
    let options = json!([{"key": "red", "label": "Red"}]);
    let types = [
        ("text", json!({})),
        ("text", json!({"pattern": "^(a+)+$"})),
        ("long_text", json!({})),
        ("integer", json!({})),
        ("decimal", json!({})),
        ("money", json!({})),
        ("percent", json!({})),
        ("boolean", json!({})),
        ("date", json!({})),
        ("date_time", json!({})),
        ("choice", json!({ "options": options })),
        ("multi_choice", json!({ "options": options })),
        ("email", json!({})),
        ("phone", json!({})),
        ("url", json!({})),
        ("relation", json!({"module": "items"})),
        ("member", json!({})),
        ("auto_number", json!({"pattern": "{counter}"})),
        ("rich_text", json!({})),
        ("code", json!({})),
        ("tags", json!({})),
        ("rating", json!({})),
        ("time", json!({})),
        ("duration", json!({})),
        ("color", json!({})),
        ("address", json!({})),
        ("location", json!({})),
        ("members", json!({})),
        ("json", json!({})),
    ];
    let mut keys = Vec::new();
    for (n, (ty, options)) in types.into_iter().enumerate() {
        let mut field = json!({"key": format!("f{n}"), "label": ty, "type": ty});
        if let (Value::Object(field), Value::Object(options)) = (&mut field, options) {
            field.extend(options);
        }
        add_field(&owner, field).await;
        keys.push(format!("f{n}"));
    }
    let record = create(&owner, json!({"name": "Chair"})).await;
    for key in &keys {
        let mut wrong = Vec::new();
        for value in values() {
            let answer = owner.post(ITEMS, &json!({"data": {"name": "x", key: value}})).await;
            match answer.status {
                201 => round_trips(&owner, &answer.json(), key).await,
                _ => wrong.push(value),
            }
        }
        let before = footprint(&app).await;
        for value in wrong {
            let what = format!("{key}: {value}");
            let answer = owner.post(ITEMS, &json!({"data": {"name": "x", key: value}})).await;
            refused(&answer, &what);
            let here = |pointer: &String| pointer.starts_with(&format!("/data/{key}"));
            assert!(answer.pointers().iter().all(here), "{what}: {}", answer.text());
            refused(&patch(&owner, &record, json!({"data": {key: value}})).await, &what);
        }
        assert_eq!(footprint(&app).await, before, "{key}");
    }
    let before = footprint(&app).await;
    unharmed(&app, &owner, &before).await;
}

/// What was taken is stored in one form, listed, and taken again.
async fn round_trips(owner: &crate::kit::Client, record: &Value, key: &str) {
    let read = owner.get(&at(record)).await.expect(200).json();
    assert_eq!(&read, record);
    let again =
        patch(owner, record, json!({"data": {key: record["data"].get(key)}})).await.expect(200).json();
    assert_eq!(&again, record);
}
