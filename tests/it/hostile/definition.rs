//! Field definitions with odd names, options without end, and one too many.

use serde_json::{Value, json};

use super::{refused, unharmed};
use crate::records::{add_field, create, footprint, starter};

const FIELDS: &str = "/api/v1/modules/items/fields";

#[tokio::test]
async fn a_key_is_a_plain_word() {
    let (app, owner) = starter("acme").await;
    let before = footprint(&app).await;
    let keys = [
        "",
        " ",
        "A",
        "Name",
        "1st",
        "_x",
        "a-b",
        "a b",
        "a.b",
        "a/b",
        "a'b",
        "a\"b",
        "a;drop table records",
        "naïve",
        "имя",
        "a\u{200b}b",
        "😀",
        "a\nb",
        "__proto__",
        "$ref",
        "%s",
        "..",
    ];
    for key in keys.into_iter().map(str::to_owned).chain(["k".repeat(49), "k".repeat(100_000)]) {
        let answer = owner.post(FIELDS, &json!({"key": key, "label": "x", "type": "text"})).await;
        refused(&answer, &key);
        assert_eq!(answer.pointers(), ["/key"], "{key}");
    }
    for key in ["id", "title", "version", "stage", "owner", "created_at", "deleted_at", "number", "source"] {
        let answer = owner.post(FIELDS, &json!({"key": key, "label": "x", "type": "text"})).await;
        assert_eq!(answer.expect_problem(422, "invalid-definition").pointers(), ["/key"], "{key}");
    }
    owner
        .post(FIELDS, &json!({"key": "name", "label": "x", "type": "text"}))
        .await
        .expect_problem(409, "conflict");
    unharmed(&app, &owner, &before).await;
}

#[tokio::test]
async fn words_of_every_language_may_be_keys() {
    let (_app, owner) = starter("acme").await;
    for key in [
        "select",
        "null",
        "true",
        "in",
        "and",
        "data",
        "tenant_id",
        "user",
        "record",
        "contains",
        "now",
        "t1",
        "constructor",
    ] {
        add_field(&owner, json!({"key": key, "label": "💣 \" ' <b>\u{202e}", "type": "text"})).await;
        let record = create(&owner, json!({"name": "x", key: "v'\"\\"})).await;
        assert_eq!(record["data"][key], "v'\"\\");
        let query = serde_html_form::to_string([
            ("filter", format!("record.{key} == \"v'\\\"\\\\\"")),
            ("sort", key.to_owned()),
        ]);
        let found =
            owner.get(&format!("/api/v1/records/items?{}", query.expect("a query"))).await.expect(200).json();
        assert_eq!(found["data"][0], record, "{key}");
    }
}

#[tokio::test]
async fn a_definition_without_sense_is_refused() {
    let (app, owner) = starter("acme").await;
    let before = footprint(&app).await;
    let options =
        |count: usize| (0..count).map(|n| json!({"key": format!("o{n}"), "label": "x"})).collect::<Vec<_>>();
    let with = |more: Value| {
        let mut field = json!({"key": "f", "label": "F", "type": "text"});
        if let (Value::Object(field), Value::Object(more)) = (&mut field, more) {
            field.extend(more);
        }
        field
    };
    for field in [
        json!({}),
        json!({"key": "f"}),
        with(json!({"type": "nothing"})),
        with(json!({"type": 5})),
        with(json!({"label": ""})),
        with(json!({"label": "x".repeat(5_000)})),
        with(json!({"help": "x".repeat(5_000)})),
        with(json!({"pattern": "(" })),
        with(json!({"pattern": "a".repeat(10_000)})),
        with(json!({"pattern": "(?:a{1000}){1000}"})),
        with(json!({"pattern": "(?=a)b"})),
        with(json!({"max_length": -1})),
        with(json!({"max_length": 1e30})),
        with(json!({"min_length": 9, "max_length": 3})),
        with(json!({"default": 5})),
        with(json!({"default": {"expr": "x".repeat(5_000)}})),
        with(json!({"required": "yes"})),
        with(json!({"slot": "t1"})),
        with(json!({"id": "x"})),
        with(json!({"type": "choice"})),
        with(json!({"type": "choice", "options": []})),
        with(json!({"type": "choice", "options": options(501)})),
        with(json!({"type": "choice", "options": options(20_000)})),
        with(json!({"type": "choice", "options": [{"key": "a", "label": "x"}, {"key": "a", "label": "y"}]})),
        with(json!({"type": "relation"})),
        with(json!({"type": "relation", "module": "nothing"})),
        with(json!({"type": "auto_number", "pattern": "no counter"})),
        with(json!({"type": "auto_number", "pattern": "{counter:99}"})),
        with(json!({"type": "long_text", "unique": true})),
        with(json!({"type": "multi_choice", "options": options(2), "sortable": true})),
        with(json!({"type": "decimal", "scale": 99})),
        with(json!({"type": "integer", "min": 5, "max": 1})),
    ] {
        refused(&owner.post(FIELDS, &field).await, &field.to_string());
    }
    unharmed(&app, &owner, &before).await;
}
