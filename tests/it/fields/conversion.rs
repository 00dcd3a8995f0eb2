//! A field gets another type: first a report, then every value or none, with the old ones in history.

use serde_json::{Value, json};

use super::{field, titles};
use crate::kit::Client;
use crate::records::{add_field, at, create, footprint, starter};

async fn convert(client: &Client, key: &str, body: Value) -> crate::kit::Answer {
    client.post(&format!("/api/v1/modules/items/fields/{key}/conversion"), &body).await
}

/// A workspace with a text field that holds numbers, most of them.
async fn sizes() -> (crate::kit::App, Client, Vec<Value>) {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "size", "label": "Size", "type": "text", "help": "In metres."})).await;
    let mut records = Vec::new();
    for (name, size) in [("one", "10"), ("two", "2"), ("three", "2.6"), ("four", "large")] {
        records.push(create(&owner, json!({"name": name, "size": size})).await);
    }
    records.push(create(&owner, json!({"name": "none"})).await);
    (app, owner, records)
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let (app, owner, records) = sizes().await;
    let before = footprint(&app).await;
    let answer = convert(&owner, "size", json!({"to": {"type": "integer"}})).await.expect(200).json();
    let report = &answer["report"];
    assert_eq!(answer["dry_run"], true);
    assert_eq!(
        [&report["records"], &report["whole"], &report["reduced"], &report["refused"]],
        [&json!(4), &json!(2), &json!(1), &json!(1)]
    );
    let samples = report["samples"].as_array().expect("samples");
    assert_eq!(samples.len(), 2);
    assert_eq!([&samples[0]["id"], &samples[0]["to"]], [&records[2]["id"], &json!(3)]);
    assert_eq!([&samples[1]["from"], &samples[1]["to"]], [&json!("large"), &Value::Null]);
    assert_eq!([&answer["field"]["type"], &answer["field"]["help"]], ["integer", "In metres."]);
    assert_eq!(footprint(&app).await, before);
}

#[tokio::test]
async fn values_slots_and_history_follow_the_new_type() {
    let (_app, owner, records) = sizes().await;
    assert_eq!(
        titles(&owner, "size is not empty", "size").await,
        ["one", "two", "three", "four"],
        "as texts"
    );
    let wish = json!({"to": {"type": "integer", "min": 0}, "dry_run": false});
    let refused = convert(&owner, "size", wish.clone()).await.expect_problem(422, "invalid-record");
    assert!(refused.text().contains("1 of 4 values cannot be converted") && refused.text().contains("four"));
    assert_eq!(field(&owner, "size").await["type"], "text", "nothing was done");
    let mut wish = wish;
    wish["failures"] = json!("empty");
    let done = convert(&owner, "size", wish).await.expect(200).json();
    assert_eq!([&done["field"]["type"], &done["field"]["indexed"]], [&json!("integer"), &json!(true)]);
    assert_eq!(titles(&owner, "size is not empty", "size").await, ["two", "three", "one"], "as numbers");
    assert_eq!(titles(&owner, "size > 2", "name").await, ["one", "three"]);
    let four = owner.get(&at(&records[3])).await.expect(200).json();
    assert_eq!([&four["data"]["size"], &four["version"]], [&Value::Null, &json!(2)]);
    let history = owner.get(&format!("{}/history", at(&records[3]))).await.expect(200).json();
    let entry = &history["data"][0];
    assert_eq!([&entry["channel"], &entry["changes"]["size"]["from"]], ["system", "large"]);
    let none = owner.get(&at(&records[4])).await.expect(200).json();
    assert_eq!(none["version"], 1, "who has no value is left alone");
    let refused = owner.post("/api/v1/records/items", &json!({"data": {"name": "x", "size": "large"}})).await;
    refused.expect_problem(422, "invalid-record");
}

#[tokio::test]
async fn what_is_in_the_trash_and_many_batches_are_converted_too() {
    let (app, owner, records) = sizes().await;
    owner.delete(&at(&records[0]), 1).await.expect(204);
    let copies = "insert into records (tenant_id, id, module, stage, created_at, updated_at, source, title, search, data)
         select r.tenant_id, gen_random_uuid(), r.module, r.stage, r.created_at, r.updated_at, 'api', 'copy', '',
           jsonb_build_object('name', 'copy', 'size', n::text)
         from records r cross join generate_series(1, 2300) n where r.title = 'two'";
    app.database().as_superuser(copies).await;
    let wish = json!({"to": {"type": "decimal", "scale": 1}, "dry_run": false, "failures": "empty"});
    let done = convert(&owner, "size", wish).await.expect(200).json();
    assert_eq!([&done["report"]["records"], &done["report"]["whole"]], [&json!(2304), &json!(2303)]);
    let rows = "select count(*) from records where data ->> 'size' ~ '^[0-9]+[.][0-9]$' and n2 is not null";
    assert_eq!(app.database().as_superuser(rows).await[0][0].as_deref(), Some("2303"));
    let back = owner.post(&format!("{}/restore", at(&records[0])), &json!({})).await.expect(200).json();
    assert_eq!(back["data"]["size"], "10.0");
}

#[tokio::test]
async fn more_records_than_one_request_changes_are_refused() {
    let (app, owner, _) = sizes().await;
    let many = "insert into records (tenant_id, id, module, stage, created_at, updated_at, source, title, search, data)
         select r.tenant_id, gen_random_uuid(), r.module, r.stage, r.created_at, r.updated_at, 'api', 'copy', '',
           jsonb_build_object('name', 'copy', 'size', '1')
         from records r cross join generate_series(1, 10000) n where r.title = 'two'";
    app.database().as_superuser(many).await;
    for dry_run in [true, false] {
        let wish = json!({"to": {"type": "integer"}, "dry_run": dry_run});
        let answer = convert(&owner, "size", wish).await.expect_problem(422, "limit-reached");
        assert!(answer.text().contains("10000"), "{}", answer.text());
    }
}

#[tokio::test]
async fn changes_that_make_no_sense_are_refused_with_the_reason() {
    let (_app, owner, _) = sizes().await;
    for (key, to, pointer, words) in [
        ("assignee", json!({"type": "text"}), "/to/type", "cannot become"),
        ("size", json!({"type": "relation", "module": "items"}), "/to/type", "cannot become"),
        ("name", json!({"type": "integer"}), "/to/type", "the title of the module"),
        ("due_on", json!({"type": "text"}), "/to/type", "view 'overdue'"),
        ("size", json!({"type": "integer", "min": 5, "max": 4}), "/to/min", "greater"),
        ("size", json!({"type": "numbr"}), "/to/type", "not known"),
        ("size", json!({"type": "integer", "key": "other"}), "/to/key", "only the type"),
        ("size", json!("integer"), "/to", "as an object"),
    ] {
        let wish = json!({"to": to, "dry_run": false});
        let answer = convert(&owner, key, wish).await.expect_problem(422, "invalid-definition");
        assert!(answer.pointers().iter().any(|at| at == pointer), "{key} {to}: {}", answer.text());
        assert!(answer.text().contains(words), "{key} {to}: {}", answer.text());
    }
    convert(&owner, "nothing", json!({"to": {"type": "text"}})).await.expect(404);
}

#[tokio::test]
async fn unique_values_that_would_collide_keep_the_old_type() {
    let (_app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "code", "label": "Code", "type": "text", "unique": true})).await;
    for (name, code) in [("a", "7"), ("b", "07")] {
        create(&owner, json!({"name": name, "code": code})).await;
    }
    let answer = convert(&owner, "code", json!({"to": {"type": "integer"}, "dry_run": false})).await;
    assert!(answer.expect(422).text().contains("already has this Code"));
    assert_eq!(titles(&owner, "code == \"07\"", "name").await, ["b"]);
}

#[tokio::test]
async fn who_may_not_shape_the_module_or_change_all_its_records_learns_nothing() {
    let (app, owner, records) = sizes().await;
    let before = footprint(&app).await;
    for role in ["worker", "read_only"] {
        let member = app.member(&owner, role).await;
        for dry_run in [true, false] {
            let answer =
                convert(&member, "size", json!({"to": {"type": "integer"}, "dry_run": dry_run})).await;
            let text = answer.expect_problem(403, "forbidden").text();
            assert!(
                !text.contains("large") && !text.contains(records[3]["id"].as_str().expect("an id")),
                "{text}"
            );
        }
    }
    assert_eq!(footprint(&app).await, before);
}
