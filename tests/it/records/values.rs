//! Values: defaults, series, titles, search texts, retired options.

use futures_util::future::join_all;
use serde_json::json;

use super::{ITEMS, add_field, at, count, create, patch, starter};

#[tokio::test]
async fn defaults_are_values_or_expressions() {
    let (_app, owner) = starter("acme").await;
    add_field(
        &owner,
        json!({"key": "opened", "label": "Opened", "type": "date", "default": {"expr": "today()"}}),
    )
    .await;
    add_field(&owner, json!({"key": "until", "label": "Until", "type": "date_time", "default": {"expr": "now() + days(2)"}})).await;
    add_field(
        &owner,
        json!({"key": "keeper", "label": "Keeper", "type": "member", "default": {"expr": "user"}}),
    )
    .await;
    add_field(
        &owner,
        json!({"key": "pieces", "label": "Pieces", "type": "integer", "default": {"expr": "2 * 3"}}),
    )
    .await;
    add_field(&owner, json!({"key": "fragile", "label": "Fragile", "type": "boolean", "default": false}))
        .await;
    let data = create(&owner, json!({"name": "Vase"})).await["data"].clone();
    assert_eq!(data["opened"], "2026-01-15");
    assert_eq!(data["until"], "2026-01-17T09:00:00Z");
    assert_eq!(data["keeper"]["id"], owner.user());
    assert_eq!((&data["pieces"], &data["fragile"]), (&json!(6), &json!(false)));
    // What is given, and be it nothing, is not overruled.
    let data = create(&owner, json!({"name": "Vase", "opened": null, "pieces": 1})).await["data"].clone();
    assert_eq!((data.get("opened"), &data["pieces"]), (None, &json!(1)));
}

#[tokio::test]
async fn a_default_must_make_sense() {
    let (_app, owner) = starter("acme").await;
    for (default, pointer) in [
        (json!({"expr": "today("}), "/default/expr"),
        (json!({"expr": "name"}), "/default/expr"),
        (json!({"expr": 5}), "/default"),
        (json!("yesterday"), "/default"),
    ] {
        let field = json!({"key": "opened", "label": "Opened", "type": "date", "default": default});
        let answer = owner.post("/api/v1/modules/items/fields", &field).await;
        assert_eq!(answer.expect_problem(422, "invalid-definition").pointers(), [pointer]);
    }
}

#[tokio::test]
async fn a_series_has_no_holes() {
    let (app, owner) = starter("acme").await;
    let code =
        json!({"key": "code", "label": "Code", "type": "auto_number", "pattern": "I-{year}-{counter:4}"});
    add_field(&owner, code).await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    // Every third one is refused, half of them by a rule and half by the database.
    let attempts = (0..30).map(|n| {
        let owner = owner.clone();
        let data = match n % 6 {
            2 => json!({"name": "x", "serial": "n-0"}),
            5 => json!({"serial": "nameless"}),
            _ => json!({"name": "x", "serial": format!("n-{n}")}),
        };
        async move { owner.post(ITEMS, &json!({ "data": data })).await }
    });
    let answers = join_all(attempts).await;
    let mut codes: Vec<String> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["data"]["code"].as_str().expect("a code").to_owned())
        .collect();
    codes.sort();
    let expected: Vec<String> = (1..=20).map(|n| format!("I-2026-{n:04}")).collect();
    assert_eq!(codes, expected);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 10);

    app.advance(chrono::TimeDelta::days(365));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    assert_eq!(create(&owner, json!({"name": "y"})).await["data"]["code"], "I-2027-0001");
    let given = owner.post(ITEMS, &json!({"data": {"name": "z", "code": "I-1"}})).await;
    assert_eq!(given.expect(422).pointers(), ["/data/code"]);
}

#[tokio::test]
async fn title_and_search_follow_the_values() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "tag", "label": "Tag", "type": "text"})).await;
    add_field(&owner, json!({"key": "secret", "label": "Secret", "type": "text", "searchable": false})).await;
    let record =
        create(&owner, json!({"name": "  Élise   Ångström ", "tag": "blue", "secret": "hidden"})).await;
    assert_eq!(record["title"], "Élise Ångström");
    let found = async |q: &str| {
        let answer = owner.get(&format!("{ITEMS}?q={q}")).await.expect(200).json();
        answer["data"].as_array().map_or(0, Vec::len)
    };
    assert_eq!([found("elise").await, found("ANGSTR").await, found("blue").await], [1, 1, 1]);
    assert_eq!([found("hidden").await, found("green").await], [0, 0]);

    let changed =
        patch(&owner, &record, json!({"data": {"name": "Bob", "tag": "green"}})).await.expect(200).json();
    assert_eq!(changed["title"], "Bob");
    assert_eq!([found("elise").await, found("blue").await], [0, 0]);
    assert_eq!([found("bob").await, found("green").await], [1, 1]);
    let slots = app.database().as_superuser("select title, t1, search like '%green%' from records").await;
    assert_eq!(slots, [[Some("Bob".into()), Some("bob".into()), Some("t".into())]]);
}

#[tokio::test]
async fn a_retired_option_stays_where_it_is_and_is_not_chosen_again() {
    let (app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Old", "category": "money"})).await;
    app.database()
        .as_superuser(
            "update module_fields set definition = jsonb_set(definition, '{options,3,active}', 'false')
               where key = 'category';
             update schema_versions set version = version + 1",
        )
        .await;
    let changed = patch(&owner, &record, json!({"data": {"name": "Older", "category": "money"}}))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["data"]["category"], "money");
    let again = owner.post(ITEMS, &json!({"data": {"name": "New", "category": "money"}})).await;
    assert_eq!(again.expect_problem(422, "invalid-record").pointers(), ["/data/category"]);
    let found = owner.get(&format!("{ITEMS}?filter=category%20%3D%3D%20'money'")).await.expect(200).json();
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_retired_field_is_neither_shown_nor_taken() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "shade", "label": "Shade", "type": "text"})).await;
    let record = create(&owner, json!({"name": "Lamp", "shade": "green"})).await;
    app.database()
        .as_superuser("update module_fields set retired_at = now() where key = 'shade'; update schema_versions set version = version + 1")
        .await;
    let shown = owner.get(&at(&record)).await.expect(200).json();
    assert_eq!(shown["data"], json!({"name": "Lamp", "priority": "normal"}));
    for value in [json!("green"), json!("blue"), json!(null)] {
        let answer = patch(&owner, &record, json!({"data": {"shade": value}})).await;
        assert_eq!(answer.expect(422).pointers(), ["/data/shade"]);
    }
    for query in ["filter=shade%20is%20empty", "sort=shade"] {
        owner.get(&format!("{ITEMS}?{query}")).await.expect_problem(422, "invalid-query");
    }
    let again = json!({"key": "shade", "label": "Shade", "type": "integer"});
    owner.post("/api/v1/modules/items/fields", &again).await.expect(409);
    assert_eq!(count(&app, "records").await, 1);
}
