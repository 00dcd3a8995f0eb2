//! Bodies that are no JSON, too much JSON, or JSON of another shape, against every route that takes one.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::{refused, unharmed};
use crate::records::{ITEMS, at, create, footprint, starter};

/// Bodies that no route takes.
fn bodies() -> Vec<Vec<u8>> {
    let keys = |count: usize| {
        let pairs: Vec<String> = (0..count).map(|n| format!("\"k{n}\":1")).collect();
        format!("{{\"data\":{{{}}}}}", pairs.join(","))
    };
    let texts = [
        String::new(),
        " ".into(),
        "null".into(),
        "true".into(),
        "[]".into(),
        "7".into(),
        "\"text\"".into(),
        "{".into(),
        "{}{}".into(),
        "{\"data\": {}} trailing".into(),
        "{\"data\": {\"name\": \"x\",}}".into(),
        "{'data': {}}".into(),
        "{\"data\": {\"name\": \"\\ud800\"}}".into(),
        "{\"data\": {\"name\": \"\\u0000\"}}".into(),
        "{\"data\": {\"na\\u0000me\": \"x\"}}".into(),
        "{\"data\": {\"amount\": 1e131071}}".into(),
        "{\"data\": {\"amount\": NaN}}".into(),
        "{\"data\": {\"name\": \"a\", \"name\": \"b\"}}".into(),
        "{\"data\": {}, \"data\": {}}".into(),
        "{\"data\": []}".into(),
        "{\"data\": null}".into(),
        "{\"data\": {\"name\": \"x\"}, \"id\": 5}".into(),
        "{\"data\": {\"name\": \"x\"}, \"version\": 5}".into(),
        "{\"data\": {\"name\": \"x\"}, \"tenant_id\": \"x\"}".into(),
        "{\"data\": {\"name\": \"x\"}, \"owner\": 5}".into(),
        "{\"data\": {\"name\": \"x\"}, \"owner\": \"nobody\"}".into(),
        "{\"data\": {\"name\": \"x\"}, \"stage\": 5}".into(),
        "{\"data\": {\"name\": \"x\"}, \"__proto__\": {}}".into(),
        "[".repeat(100_000),
        format!("{{\"data\":{}1{}}}", "[".repeat(2_000), "]".repeat(2_000)),
        format!("{{\"data\":{}1{}}}", "{\"a\":".repeat(40), "}".repeat(40)),
        keys(501),
        keys(100_000),
        format!("{{\"data\":{{\"name\":\"{}\"}}}}", "x".repeat(900_000)),
        format!("{{\"data\":{{\"name\":[{}1]}}}}", "1,".repeat(200_000)),
        format!("{{\"data\":{{\"amount\":{}}}}}", "9".repeat(50_000)),
        format!("{{\"data\":{{\"{}\":1}}}}", "k".repeat(10_000)),
        "\u{feff}{}".into(),
    ];
    let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    bodies.push(b"{\"data\": {\"name\": \"\xff\xfe\"}}".to_vec());
    bodies.push(b"{\"data\": {\"name\": \"\xed\xa0\x80\"}}".to_vec());
    bodies.push(vec![0; 1_000]);
    bodies.push(vec![b' '; 2 * 1024 * 1024]);
    bodies
}

#[tokio::test]
async fn no_route_stores_what_it_does_not_understand() {
    let (app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    let before = footprint(&app).await;
    let root = owner.at_root();
    for body in bodies() {
        let what = String::from_utf8_lossy(&body).into_owned();
        for path in [ITEMS, "/api/v1/modules/items/fields", "/api/v1/workspace/template"] {
            refused(
                &owner.post_raw(path, "application/json", body.clone()).await,
                &format!("{path}: {what}"),
            );
        }
        for path in ["/api/v1/session", "/api/v1/session/refresh", "/api/v1/signup"] {
            refused(&root.post_raw(path, "application/json", body.clone()).await, &format!("{path}: {what}"));
        }
        let patch = owner.request(Method::PATCH, &at(&record)).header(header::IF_MATCH, "\"v1\"");
        let patch = patch.header(header::CONTENT_TYPE, "application/merge-patch+json").body(body.into());
        refused(&app.send(patch.expect("a request")).await, &format!("PATCH: {what}"));
    }
    unharmed(&app, &owner, &before).await;
}

#[tokio::test]
async fn a_body_says_what_it_is() {
    let (app, owner) = starter("acme").await;
    let before = footprint(&app).await;
    let body = r#"{"data": {"name": "x"}}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "json",
        "application/xml",
        "*/*",
    ] {
        owner.post_raw(ITEMS, content_type, body).await.expect_problem(415, "unsupported-media-type");
    }
    let bare = owner.request(Method::POST, ITEMS).body(body.into()).expect("a request");
    app.send(bare).await.expect_problem(415, "unsupported-media-type");
    unharmed(&app, &owner, &before).await;
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"] {
        owner.post_raw(ITEMS, content_type, body).await.expect(201);
    }
}

#[tokio::test]
async fn faults_are_told_where_they_lie() {
    let (_app, owner) = starter("acme").await;
    for (body, pointer, code) in [
        (r#"{"data": {"name": "\u0000"}}"#, "/data/name", "nul"),
        (r#"{"data": {"name": "a", "name": "b"}}"#, "/data/name", "duplicate"),
        (r#"{"data": {"a/b~c": 1, "name": "x"}}"#, "/data/a~1b~0c", "unknown_field"),
        (r#"{"data": {"nmae": "x", "name": "x"}}"#, "/data/nmae", "unknown_field"),
        (r#"{"data": {"name": {"a": 1}}}"#, "/data/name", "type"),
        (r#"{"data": {"name": "x", "stage": "done"}}"#, "/data/stage", "unknown_field"),
        (r#"{"data": {"name": "x"}, "owner": 5}"#, "/owner", "type"),
        (r#"{"date": {}}"#, "/date", "unknown"),
        (r#"{"data": {}}"#, "/data/name", "required"),
    ] {
        let answer = owner.post_raw(ITEMS, "application/json", body).await.expect(422);
        let errors: Vec<Value> = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(errors.len(), 1, "{body}: {errors:?}");
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    let many = json!({"data": {"due_on": "x", "amount": "x", "contact_email": "x", "link": "x", "category": "x", "assignee": "x", "no": 1}});
    assert_eq!(
        owner.post(ITEMS, &many).await.expect(422).pointers().len(),
        8,
        "all at once, the missing name too"
    );
}
