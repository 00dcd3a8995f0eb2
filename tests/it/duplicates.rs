//! What no two records may share, and records that are likely the same thing twice.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::kit::{Answer, App, Client};
use crate::records::{ITEMS, add_field, at, count, create, id, patch, starter};

/// The starter module with more fields and these rules.
async fn ruled(rules: Value) -> (App, Client) {
    let (app, owner) = starter("acme").await;
    for (key, kind) in [("room", "text"), ("day", "date"), ("mail", "email"), ("mobile", "phone")] {
        add_field(&owner, json!({"key": key, "label": key, "type": kind})).await;
    }
    let sql = format!("update modules set definition = definition || '{rules}' where key = 'items'");
    app.database().as_superuser(&sql).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    (app, owner)
}

fn unique() -> Value {
    json!({"unique": [["room", "day"], ["name", "room"]]})
}

fn alike(on_create: &str) -> Value {
    json!({"duplicates": [
        {"match": [{"field": "name", "method": "similar", "weight": 2}, {"field": "mobile", "method": "normalised", "weight": 1}],
         "threshold": 50, "on_create": on_create},
        {"match": [{"field": "mail", "method": "exact"}], "on_create": "block"}]})
}

fn taken(answer: Answer, pointers: [&str; 2]) {
    let answer = answer.expect_problem(422, "invalid-record");
    assert_eq!(answer.pointers(), pointers, "{}", answer.text());
    assert_eq!(answer.json()["errors"][0]["code"], "unique");
}

#[tokio::test]
async fn fields_are_unique_together() {
    let (app, owner) = ruled(unique()).await;
    let first = create(&owner, json!({"name": "a", "room": "É1", "day": "2026-01-01"})).await;
    let other = create(&owner, json!({"name": "b", "room": "e1", "day": "2026-01-02"})).await;
    create(&owner, json!({"name": "c", "day": "2026-01-01"})).await;
    create(&owner, json!({"name": "d", "day": "2026-01-01"})).await;
    let data = json!({"name": "e", "room": "e1", "day": "2026-01-01"});
    taken(owner.post(ITEMS, &json!({ "data": data })).await, ["/data/room", "/data/day"]);
    taken(
        owner.post(ITEMS, &json!({"data": {"name": "A", "room": "e1"}})).await,
        ["/data/name", "/data/room"],
    );
    taken(patch(&owner, &other, json!({"data": {"day": "2026-01-01"}})).await, ["/data/room", "/data/day"]);
    let first = patch(&owner, &first, json!({"data": {"day": "2026-01-03"}})).await.expect(200).json();
    let second = create(&owner, data).await;
    taken(patch(&owner, &first, json!({"data": {"day": "2026-01-01"}})).await, ["/data/room", "/data/day"]);
    owner.delete(&at(&second), 1).await.expect(204);
    patch(&owner, &first, json!({"data": {"day": "2026-01-01"}})).await.expect(200);
    let restored = owner.post(&format!("{}/restore", at(&second)), &json!({})).await;
    taken(restored, ["/data/room", "/data/day"]);
    assert_eq!(count(&app, "unique_keys").await, 4);
}

#[tokio::test]
async fn of_many_at_once_one_has_the_fields_together() {
    let (app, owner) = ruled(unique()).await;
    let node = owner.through(&app.beside().await);
    let attempts = (0..16).map(|n| {
        let client = if n % 2 == 0 { owner.clone() } else { node.clone() };
        let data = json!({"name": format!("n{n}"), "room": "1", "day": "2026-01-01"});
        async move {
            loop {
                let answer = client.post(ITEMS, &json!({ "data": data })).await;
                if answer.status != 503 {
                    return answer;
                }
            }
        }
    });
    let answers = join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        taken(answer, ["/data/room", "/data/day"]);
    }
    assert_eq!([count(&app, "records").await, count(&app, "events").await], [1, 1]);
    let item = |name: &str| json!({"data": {"name": name, "room": "2", "day": "2026-01-01"}});
    let order = json!({"action": "create", "items": [item("x"), item("y"), item("z")]});
    let answer = owner.post(&format!("{ITEMS}/bulk"), &order).await.expect(200).json();
    assert_eq!([&answer["succeeded"], &answer["failed"]], [1, 2], "{answer}");
}

#[tokio::test]
async fn a_likely_duplicate_needs_somebody_who_means_it() {
    let (app, owner) = ruled(alike("warn")).await;
    let first = create(&owner, json!({"name": "Ana Meyer", "mobile": "+4930123456"})).await;
    create(&owner, json!({"name": "Berta Meyer"})).await;
    let body = json!({"data": {"name": "Anna Maier"}});
    let refused = owner.post(ITEMS, &body).await.expect_problem(409, "duplicate").json();
    let error = &refused["errors"][0];
    assert_eq!((&error["code"], &error["pointer"]), (&json!("possible_duplicate"), &json!("/data/name")));
    assert_eq!(
        (&error["candidate"]["id"], &error["candidate"]["title"]),
        (&first["id"], &json!("Ana Meyer"))
    );
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(1));
    owner.post(&format!("{ITEMS}?allow_duplicate=true"), &body).await.expect(201);
    let order = json!({"action": "create", "items": [body, {"data": {"name": "Carl Unlike"}}]});
    let bulk = async |order: Value| owner.post(&format!("{ITEMS}/bulk"), &order).await.expect(200).json();
    assert_eq!(bulk(order.clone()).await["results"][0]["status"], 409);
    let mut allowed = order;
    allowed["allow_duplicates"] = json!(true);
    allowed["items"][1]["data"]["name"] = json!("Dora Unlike");
    assert_eq!(bulk(allowed).await["succeeded"], 2);
    assert_eq!(count(&app, "records").await, 6);
}

#[tokio::test]
async fn a_page_asks_whether_it_is_meant() {
    let (app, owner) = ruled(alike("warn")).await;
    create(&owner, json!({"name": "Ana Meyer"})).await;
    let browser = owner.browser().await;
    let asked = browser.submit("/m/items/new", &[("name", "Anna Maier")]).await.expect(422).text();
    assert!(asked.contains("Ana Meyer") && asked.contains("name=\"_allow_duplicate\""), "{asked}");
    browser.submit("/m/items/new", &[("name", "Anna Maier"), ("_allow_duplicate", "true")]).await.expect(303);
    assert_eq!(count(&app, "records").await, 2);
}

#[tokio::test]
async fn duplicates_are_found_before_and_after() {
    let (_app, owner) = ruled(alike("warn")).await;
    let path = format!("{ITEMS}/duplicates");
    let ana = create(&owner, json!({"name": "Ana Meyer", "mobile": "+4930123456"})).await;
    let asked = json!({"data": {"name": "ANNA MAIER", "mobile": "+49 30 123456"}});
    let found = owner.post(&path, &asked).await.expect(200).json();
    assert_eq!(found["data"][0]["id"], ana["id"]);
    assert_eq!(found["data"][0]["fields"], json!(["name", "mobile"]));
    assert!(found["data"][0]["score"].as_i64() >= Some(90), "{found}");
    let own = owner.get(&format!("{}/duplicates", at(&ana))).await.expect(200).json();
    assert_eq!(own["data"], json!([]), "a record is no duplicate of itself");
    let twin = owner.post(&format!("{ITEMS}?allow_duplicate=true"), &asked).await.expect(201).json();
    let own = owner.get(&format!("{}/duplicates", at(&ana))).await.expect(200).json();
    assert_eq!(own["data"][0]["id"], twin["id"]);
    patch(&owner, &twin, json!({"data": {"name": "Zoe Quite", "mobile": null}})).await.expect(200);
    let own = owner.get(&format!("{}/duplicates", at(&ana))).await.expect(200).json();
    assert_eq!(own["data"], json!([]), "keys follow the values");
    owner.delete(&at(&ana), 1).await.expect(204);
    assert_eq!(owner.post(&path, &asked).await.expect(200).json()["data"], json!([]));
    let refused = owner.post(&path, &json!({"data": {"mail": "no address", "nome": 1}})).await.expect(422);
    assert_eq!(refused.pointers().len(), 2);
}

#[tokio::test]
async fn a_rule_that_blocks_tells_nobody_more_than_they_may_know() {
    let (app, owner) = ruled(alike("warn")).await;
    let hers = create(&owner, json!({"name": "Ana Meyer", "mail": "ana@example.org"})).await;
    let definition =
        json!({"key": "worker", "label": "Worker", "modules": {"items": {"read": "own", "create": "own"}}});
    let role = format!("update roles set definition = '{definition}' where key = 'worker'");
    app.database().as_superuser(&role).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    let worker = app.member(&owner, "worker").await;
    let found =
        worker.post(&format!("{ITEMS}/duplicates"), &json!({"data": {"mail": "ana@example.org"}})).await;
    assert_eq!(found.expect(200).json()["data"], json!([]));
    worker.get(&format!("{}/duplicates", at(&hers))).await.expect_problem(404, "not-found");
    worker.post(ITEMS, &json!({"data": {"name": "Anna Maier"}})).await.expect(201);
    let same = json!({"data": {"name": "x", "mail": "ana@example.org"}});
    let refused = worker.post(&format!("{ITEMS}?allow_duplicate=true"), &same).await;
    let refused = refused.expect_problem(409, "duplicate");
    let text = refused.text();
    assert!(
        !text.contains(id(&hers)) && !text.contains("Ana Meyer") && !text.contains("candidate"),
        "{text}"
    );
    assert_eq!(refused.json()["errors"][0]["code"], "duplicate");
    let known = owner.post(&format!("{ITEMS}?allow_duplicate=true"), &same).await.expect(409).json();
    assert_eq!(known["errors"][0]["candidate"]["id"], hers["id"]);
}

/// A field of a rule gets another type: the keys of records that are there already follow it.
#[tokio::test]
async fn keys_follow_a_field_that_gets_another_type() {
    let (app, owner) = ruled(unique()).await;
    let one = create(&owner, json!({"name": "a", "room": "07", "day": "2026-01-01"})).await;
    let two = create(&owner, json!({"name": "b", "room": "7", "day": "2026-01-01"})).await;
    let convert = |to: Value| {
        let owner = owner.clone();
        async move {
            let body = json!({"to": to, "dry_run": false});
            owner.post("/api/v1/modules/items/fields/room/conversion", &body).await
        }
    };
    let clash = convert(json!({"type": "integer"})).await.expect_problem(422, "invalid-record");
    assert_eq!(clash.json()["errors"][0]["code"], "unique", "{}", clash.text());
    let moved = patch(&owner, &two, json!({"data": {"room": "8"}})).await.expect(200).json();
    owner.delete(&at(&moved), 2).await.expect(204);
    convert(json!({"type": "integer"})).await.expect(200);
    let again = json!({"data": {"name": "c", "room": 7, "day": "2026-01-01"}});
    taken(owner.post(ITEMS, &again).await, ["/data/room", "/data/day"]);
    owner.post(&format!("{}/restore", at(&two)), &json!({})).await.expect(200);
    taken(
        owner.post(ITEMS, &json!({"data": {"name": "c", "room": 8, "day": "2026-01-01"}})).await,
        ["/data/room", "/data/day"],
    );
    assert_eq!(count(&app, "unique_keys").await, 4);
    assert_eq!(owner.get(&at(&one)).await.expect(200).json()["data"]["room"], 7);
}
