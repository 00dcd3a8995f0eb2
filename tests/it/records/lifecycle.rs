//! Create, read, change, trash, restore.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use super::{ITEMS, at, create, id, patch, starter, version};
use crate::kit::{Answer, Client};

async fn with_header(
    client: &Client,
    method: Method,
    path: &str,
    name: header::HeaderName,
    value: &str,
) -> Answer {
    let request = client.request(method, path).header(name, value);
    let request = request.header(header::CONTENT_TYPE, "application/merge-patch+json").body(Body::from("{}"));
    client.app().send(request.expect("a request")).await
}

#[tokio::test]
async fn a_record_is_created_and_read_back() {
    let (_app, owner) = starter("acme").await;
    let answer = owner.post(ITEMS, &json!({"data": {"name": "Chair", "amount": "12.5"}})).await.expect(201);
    let record = answer.json();
    assert_eq!(answer.header("location"), format!("/t/acme{}", at(&record)));
    assert_eq!(answer.header("etag"), "\"v1\"");
    assert_eq!(record["module"], "items");
    assert_eq!(record["title"], "Chair");
    assert_eq!(record["version"], 1);
    assert_eq!(record["stage"], "to_do");
    assert_eq!(record["pipeline"], "progress");
    assert_eq!(record["source"], "api");
    assert_eq!(record["created_at"], "2026-01-15T09:00:00Z");
    assert_eq!(record["owner"]["id"], owner.user());
    assert_eq!(record["data"]["amount"], json!({"amount": "12.50", "currency": "USD"}));
    assert_eq!(record["data"]["priority"], "normal", "the default");
    assert_eq!(record["can"], json!({"update": true, "delete": true}));
    assert_eq!(owner.get(&at(&record)).await.expect(200).json(), record);
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let (_app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    for (tag, status) in [("\"v1\"", 304), ("W/\"v1\"", 304), ("\"v0\", \"v1\"", 304), ("\"v2\"", 200)] {
        let answer = with_header(&owner, Method::GET, &at(&record), header::IF_NONE_MATCH, tag).await;
        assert_eq!(answer.status, status, "{tag}");
    }
}

#[tokio::test]
async fn a_change_names_the_version_it_was_made_of() {
    let (_app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    let bare = owner.request(Method::PATCH, &at(&record)).header(header::CONTENT_TYPE, "application/json");
    let bare = owner.app().send(bare.body(Body::from("{}")).expect("a request")).await;
    bare.expect_problem(428, "precondition-required");
    let bare = owner.request(Method::DELETE, &at(&record)).body(Body::empty()).expect("a request");
    owner.app().send(bare).await.expect_problem(428, "precondition-required");

    let changed = patch(&owner, &record, json!({"data": {"name": "Table"}})).await.expect(200);
    assert_eq!(changed.header("etag"), "\"v2\"");
    let stale = patch(&owner, &record, json!({"data": {"name": "Stool"}})).await;
    assert_eq!(stale.expect_problem(412, "stale-version").json()["current_version"], 2);
    let stale = owner.delete(&at(&record), 1).await;
    assert_eq!(stale.expect_problem(412, "stale-version").json()["current_version"], 2);
    for nonsense in ["v2", "\"2\"", "\"v\"", "\"v99999999999\"", "\u{e9}"] {
        let answer = with_header(&owner, Method::PATCH, &at(&record), header::IF_MATCH, nonsense).await;
        answer.expect_problem(412, "stale-version");
    }
    with_header(&owner, Method::PATCH, &at(&record), header::IF_MATCH, "*").await.expect(200);
    assert_eq!(owner.get(&at(&record)).await.json()["data"]["name"], "Table");
}

#[tokio::test]
async fn a_change_is_a_merge_patch() {
    let (app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair", "notes": "Oak", "category": "stock"})).await;
    app.advance(chrono::TimeDelta::minutes(5));
    let body = json!({"data": {"notes": null, "category": "money"}, "stage": "done", "owner": null});
    let changed = patch(&owner, &record, body).await.expect(200).json();
    assert_eq!(changed["data"], json!({"name": "Chair", "category": "money", "priority": "normal"}));
    assert_eq!((&changed["stage"], &changed["owner"]), (&json!("done"), &Value::Null));
    assert_eq!(changed["updated_at"], "2026-01-15T09:05:00Z");
    assert_eq!(changed["created_at"], record["created_at"]);

    let same =
        patch(&owner, &changed, json!({"data": {"notes": null, "name": "Chair"}})).await.expect(200).json();
    assert_eq!(same, changed, "nothing changed: no new version");
    let missing = patch(&owner, &changed, json!({"data": {"name": null}})).await;
    assert_eq!(missing.expect_problem(422, "invalid-record").pointers(), ["/data/name"]);
}

#[tokio::test]
async fn a_record_may_be_sent_back_as_it_was_read() {
    let (app, owner) = starter("acme").await;
    super::add_field(
        &owner,
        json!({"key": "part_of", "label": "Part of", "type": "relation", "module": "items"}),
    )
    .await;
    super::add_field(
        &owner,
        json!({"key": "code", "label": "Code", "type": "auto_number", "pattern": "I-{counter:3}"}),
    )
    .await;
    let table = create(&owner, json!({"name": "Table"})).await;
    let chair = create(
        &owner,
        json!({"name": "Chair", "part_of": id(&table), "assignee": owner.user(), "amount": {"amount": "3", "currency": "EUR"},
               "due_on": "2026-02-01", "link": "https://example.org", "contact_email": "a@example.org"}),
    )
    .await;
    assert_eq!(chair["data"]["part_of"], json!({"id": id(&table), "title": "Table"}));
    assert_eq!(chair["data"]["assignee"], json!({"id": owner.user(), "name": "Olga Owner"}));
    assert_eq!(chair["data"]["code"], "I-002");

    let same =
        patch(&owner, &chair, json!({"data": chair["data"], "stage": chair["stage"]})).await.expect(200);
    assert_eq!(same.json(), chair);
    // What lies in the trash by now may stay where it is.
    owner.delete(&at(&table), 1).await.expect(204);
    let mut data = chair["data"].clone();
    data["name"] = json!("Armchair");
    let changed = patch(&owner, &chair, json!({"data": data})).await.expect(200).json();
    assert_eq!(changed["data"]["part_of"]["id"], id(&table));
    // The same form is understood where it is new.
    let other =
        create(&owner, json!({"name": "Stool", "part_of": {"id": id(&chair), "title": "whatever"}})).await;
    assert_eq!(other["data"]["part_of"], json!({"id": id(&chair), "title": "Armchair"}));
    let strange = json!({"data": {"name": "Bench", "part_of": {"id": id(&chair), "colour": "red"}}});
    assert_eq!(owner.post(ITEMS, &strange).await.expect(422).pointers(), ["/data/part_of"]);
    assert_eq!(super::count(&app, "record_links").await, 2);
}

#[tokio::test]
async fn the_trash_gives_back_what_it_was_given() {
    let (_app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    owner.delete(&at(&record), 1).await.expect(204);
    let trashed = owner.get(&at(&record)).await.expect(200).json();
    assert_eq!((&trashed["version"], &trashed["deleted_at"]), (&json!(2), &json!("2026-01-15T09:00:00Z")));
    assert_eq!(owner.get(ITEMS).await.json()["data"], json!([]));
    assert_eq!(owner.get(&format!("{ITEMS}?trash=true")).await.json()["data"][0], trashed);
    owner.delete(&at(&record), 2).await.expect(404);
    patch(&owner, &trashed, json!({"data": {"name": "x"}})).await.expect(404);

    let path = format!("{}/restore", at(&record));
    let back = owner.post(&path, &json!({})).await.expect(200).json();
    assert_eq!(version(&back), 3);
    assert_eq!(
        (&back["data"], &back["stage"], back.get("deleted_at")),
        (&record["data"], &record["stage"], None)
    );
    owner.post(&path, &json!({})).await.expect(404);
    assert_eq!(owner.get(ITEMS).await.json()["data"][0], back);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    for path in ["", "/history", "/restore"] {
        for id in ["019bc000-0000-7000-8000-000000000000", "none", "%00", "..%2f..", id(&record)] {
            let module = if id == super::id(&record) { "nothing" } else { "items" };
            let path = format!("/api/v1/records/{module}/{id}{path}");
            let answer = match path.ends_with("restore") {
                true => owner.post(&path, &json!({})).await,
                false => owner.get(&path).await,
            };
            answer.expect_problem(404, "not-found");
        }
    }
    owner.post("/api/v1/records/nothing", &json!({"data": {}})).await.expect_problem(404, "not-found");
}
