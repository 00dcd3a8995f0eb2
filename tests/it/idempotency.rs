//! A request that is sent twice is done once, and answered twice.

use axum::http::{Method, header};
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};

use crate::jobs::background;
use crate::kit::{Answer, Client};
use crate::records::{ITEMS, at, count, starter};

async fn send(client: &Client, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    let request =
        client.request(method, path).header("idempotency-key", key).header(header::IF_MATCH, "\"v1\"");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.app().send(request.body(body.to_string().into()).expect("a request")).await
}

async fn post(client: &Client, key: &str, body: &Value) -> Answer {
    send(client, Method::POST, ITEMS, key, body).await
}

fn assert_same(first: &Answer, again: &Answer) {
    assert_eq!((first.status, first.text()), (again.status, again.text()));
    for name in ["content-type", "location", "etag"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_answer() {
    let (app, owner) = starter("acme").await;
    let body = json!({"data": {"name": "one"}});
    let first = post(&owner, "a", &body).await.expect(201);
    assert_same(&first, &post(&owner, "a", &body).await);
    let node = app.beside().await;
    assert_same(&first, &post(&owner.through(&node), "a", &body).await);
    assert_eq!([count(&app, "records").await, count(&app, "events").await], [1, 1]);
    let path = at(&first.json());
    let changed =
        send(&owner, Method::PATCH, &path, "b", &json!({"data": {"name": "two"}})).await.expect(200);
    assert_same(&changed, &send(&owner, Method::PATCH, &path, "b", &json!({"data": {"name": "two"}})).await);
    let gone = send(&owner, Method::DELETE, &path, "c", &json!({})).await;
    gone.clone().expect_problem(412, "stale-version");
    let again = send(&owner, Method::DELETE, &path, "c", &json!({})).await;
    assert_eq!(again.status, 412);
    assert_eq!(again.json()["current_version"], 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_person_for_a_day() {
    let (app, owner) = starter("acme").await;
    let body = json!({"data": {"name": "one"}});
    post(&owner, "a", &body).await.expect(201);
    for (method, path, body) in [
        (Method::POST, ITEMS, json!({"data": {"name": "other"}})),
        (Method::POST, "/api/v1/records/items?allow_duplicate=true", body.clone()),
        (Method::POST, "/api/v1/records/items/bulk", body.clone()),
    ] {
        send(&owner, method, path, "a", &body).await.expect_problem(422, "idempotency-key-reused");
    }
    let admin = app.member(&owner, "admin").await;
    post(&admin, "a", &body).await.expect(201);
    let stranger = app.sign_up_with("other", "blank", false).await;
    assert_eq!(
        post(&stranger, "a", &json!({"data": {"name": "mine"}})).await.expect(201).json()["title"],
        "mine"
    );
    assert_eq!(count(&app, "records").await, 3);
    app.advance(TimeDelta::hours(23));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    assert_eq!(post(&owner, "a", &body).await.header("idempotency-replayed"), "true");
    app.advance(TimeDelta::hours(2));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    assert_eq!(post(&owner, "a", &body).await.expect(201).header("idempotency-replayed"), "");
    assert_eq!(count(&app, "records").await, 4);
    app.advance(TimeDelta::hours(25));
    trellis::worker::keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!(count(&app, "idempotency_keys").await, 0);
}

#[tokio::test]
async fn refusals_are_answered_again_and_leave_nothing() {
    let (app, owner) = starter("acme").await;
    let first = post(&owner, "a", &json!({"data": {}})).await.expect_problem(422, "invalid-record");
    assert_same(&first, &post(&owner, "a", &json!({"data": {}})).await);
    for key in ["", "ä", &"x".repeat(256)] {
        let refused = post(&owner, key, &json!({"data": {"name": "x"}})).await;
        refused.expect_problem(400, "malformed-request");
    }
    post(&owner, &"x".repeat(255), &json!({"data": {"name": "x"}})).await.expect(201);
    post(&app.stranger().at("acme"), "a", &json!({})).await.expect_problem(401, "unauthenticated");
    assert_eq!(count(&app, "records").await, 1);
}

#[tokio::test]
async fn who_is_no_longer_a_member_gets_no_old_answer() {
    let (app, owner) = starter("acme").await;
    let admin = app.member(&owner, "admin").await;
    let body = json!({"data": {"name": "secret"}});
    post(&admin, "a", &body).await.expect(201);
    app.database().as_superuser("update memberships set active = false where not is_owner").await;
    let answer = post(&admin, "a", &body).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_double_posts_at_once_make_two_hundred_records() {
    let (app, owner) = starter("acme").await;
    let nodes = [owner.clone(), owner.through(&app.beside().await)];
    let posts = (0..400).map(|n| {
        let client = nodes[n % 2].clone();
        async move {
            let body = json!({"data": {"name": format!("n{}", n / 2)}});
            loop {
                let answer = post(&client, &format!("key {}", n / 2), &body).await;
                match answer.status {
                    201 => return (n / 2, answer.json()["id"].clone()),
                    409 => assert_eq!(answer.json()["type"], "/problems/request-in-flight"),
                    503 => {}
                    status => panic!("{status}: {}", answer.text()),
                }
            }
        }
    });
    let mut answers: Vec<(usize, Value)> = stream::iter(posts).buffer_unordered(40).collect().await;
    answers.sort_by_key(|(n, _)| *n);
    assert!(answers.chunks(2).all(|pair| pair[0] == pair[1]), "both were told the same record");
    for table in ["records", "events", "audit_log where action = 'created'", "idempotency_keys"] {
        assert_eq!(count(&app, table).await, 200, "{table}");
    }
}
