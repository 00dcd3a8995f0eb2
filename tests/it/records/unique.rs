//! Unique fields, of any type, at any time.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ITEMS, add_field, at, count, create, patch, starter};
use crate::kit::Answer;

fn refused(answer: Answer, key: &str) {
    let answer = answer.expect_problem(422, "invalid-record");
    assert_eq!(answer.pointers(), [format!("/data/{key}")]);
    assert_eq!(answer.json()["errors"][0]["code"], "unique");
}

#[tokio::test]
async fn no_two_records_have_the_same_value() {
    let (app, owner) = starter("acme").await;
    add_field(
        &owner,
        json!({"key": "serial", "label": "Serial", "type": "text", "unique": true, "max_length": 500}),
    )
    .await;
    let long = |end: &str| format!("{}{end}", "x".repeat(400));
    let first = create(&owner, json!({"name": "a", "serial": "É-1"})).await;
    create(&owner, json!({"name": "b", "serial": long("1")})).await;
    create(&owner, json!({"name": "b", "serial": long("2")})).await;
    create(&owner, json!({"name": "none"})).await;
    create(&owner, json!({"name": "none"})).await;
    for taken in ["É-1".to_owned(), "e-1".to_owned(), long("1")] {
        refused(owner.post(ITEMS, &json!({"data": {"name": "c", "serial": taken}})).await, "serial");
    }
    let other = create(&owner, json!({"name": "d", "serial": "2"})).await;
    refused(patch(&owner, &other, json!({"data": {"serial": "E-1"}})).await, "serial");
    patch(&owner, &first, json!({"data": {"serial": "e-1"}})).await.expect(200);
    assert_eq!(count(&app, "records").await, 6);
}

#[tokio::test]
async fn every_type_can_be_unique() {
    for (ty, options, one, same, another) in [
        ("integer", json!({}), json!(7), json!("7"), json!(8)),
        ("decimal", json!({"scale": 3}), json!("1.5"), json!("1.500"), json!("1.501")),
        (
            "money",
            json!({}),
            json!({"amount": "5", "currency": "EUR"}),
            json!({"amount": "5.00", "currency": "EUR"}),
            json!({"amount": "5", "currency": "USD"}),
        ),
        ("date", json!({}), json!("2026-01-01"), json!("2026-01-01"), json!("2026-01-02")),
        (
            "date_time",
            json!({}),
            json!("2026-01-01T10:00:00Z"),
            json!("2026-01-01T11:00:00+01:00"),
            json!("2026-01-01T10:00:01Z"),
        ),
        ("email", json!({}), json!("a@example.org"), json!("a@EXAMPLE.org"), json!("b@example.org")),
        ("phone", json!({}), json!("+4930123456"), json!("+49 30 123456"), json!("+4930123457")),
        ("percent", json!({}), json!(5), json!("5"), json!(6)),
    ] {
        let (_app, owner) = starter("acme").await;
        let mut field = json!({"key": "mark", "label": "Mark", "type": ty, "unique": true});
        if let (Value::Object(field), Value::Object(options)) = (&mut field, options) {
            field.extend(options);
        }
        add_field(&owner, field).await;
        create(&owner, json!({"name": "a", "mark": one})).await;
        create(&owner, json!({"name": "b", "mark": another})).await;
        create(&owner, json!({"name": "c"})).await;
        let again = owner.post(ITEMS, &json!({"data": {"name": "d", "mark": same}})).await;
        assert_eq!(again.status, 422, "{ty}: {}", again.text());
        refused(again, "mark");
        for query in ["sort=mark", "sort=-mark", "filter=mark%20is%20empty", "filter=mark%20is%20not%20empty"]
        {
            let found = owner.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
            let expected = match query {
                "filter=mark%20is%20empty" => 1,
                "filter=mark%20is%20not%20empty" => 2,
                _ => 3,
            };
            assert_eq!(found["data"].as_array().map(Vec::len), Some(expected), "{ty} {query}");
        }
    }
}

#[tokio::test]
async fn of_many_at_once_one_wins() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    let attempts = (0..12).map(|n| {
        let owner = owner.clone();
        async move { owner.post(ITEMS, &json!({"data": {"name": format!("n{n}"), "serial": "only"}})).await }
    });
    let answers = join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        refused(answer, "serial");
    }
    assert_eq!([count(&app, "records").await, count(&app, "events").await], [1, 1]);
}

#[tokio::test]
async fn the_trash_holds_no_value_and_gets_none_back() {
    let (_app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    let first = create(&owner, json!({"name": "a", "serial": "1"})).await;
    owner.delete(&at(&first), 1).await.expect(204);
    let second = create(&owner, json!({"name": "b", "serial": "1"})).await;
    let path = format!("{}/restore", at(&first));
    refused(owner.post(&path, &json!({})).await, "serial");
    assert_eq!(owner.get(&at(&first)).await.json()["version"], 2, "it lies where it lay");
    patch(&owner, &second, json!({"data": {"serial": "2"}})).await.expect(200);
    owner.post(&path, &json!({})).await.expect(200);
}
