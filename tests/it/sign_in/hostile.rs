//! Bodies that nobody means well with: each gets an answer that says what is wrong, and never a 500.

use axum::body::Body;
use axum::http::header;
use futures_util::stream;
use serde_json::json;

use crate::kit::{Answer, App};

const PATH: &str = "/api/v1/session";

async fn post(app: &App, body: impl Into<Body>) -> Answer {
    app.stranger().post_raw(PATH, "application/json", body).await
}

#[tokio::test]
async fn what_is_not_json_is_told_by_line_and_column() {
    let app = App::start().await;
    let broken: [&[u8]; 14] = [
        b"",
        b" ",
        b"{",
        b"[",
        b"{\"email\": }",
        b"{\"email\": \"a\",}",
        b"{} {}",
        b"nul",
        b"'a'",
        b"\"\\ud800\"",
        b"\"\\udc00\\ud800\"",
        b"\"\xff\xfe\"",
        b"1e131071",
        b"{\"a\": NaN}",
    ];
    for body in broken {
        let answer = post(&app, body.to_vec()).await.expect_problem(400, "malformed-request");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains("line 1 column"), "{:?}: {detail}", String::from_utf8_lossy(body));
    }
}

#[tokio::test]
async fn json_that_is_refused_is_told_by_its_pointer() {
    let app = App::start().await;
    let deep = format!("{{\"email\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = "{\"a\":".repeat(50_000);
    let keys: Vec<String> = (0..90_000).map(|n| format!("\"k{n}\":1")).collect();
    let many = format!("{{{}}}", keys.join(","));
    for (body, pointer, code) in [
        (r#"{"email": "a\u0000b", "password": "x"}"#, "/email", "nul"),
        (r#"{"email": "a", "email": "b"}"#, "/email", "duplicate"),
        (r#"{"email": 7, "password": "x"}"#, "/email", "type"),
        (r#"{"email": "a"}"#, "/password", "required"),
        (r#"{"email": "a", "password": "x", "user_id": 1}"#, "/user_id", "unknown"),
        (r#"[]"#, "", "type"),
        (r#"null"#, "", "type"),
        (many.as_str(), "", "keys"),
    ] {
        let answer = post(&app, body.to_owned()).await.expect_problem(422, "invalid-input");
        let errors = &answer.json()["errors"];
        assert_eq!(
            (errors[0]["pointer"].as_str(), errors[0]["code"].as_str()),
            (Some(pointer), Some(code)),
            "{:.60}",
            body
        );
    }
    for body in [deep, deep_objects] {
        let answer = post(&app, body).await.expect_problem(422, "invalid-input");
        assert_eq!(answer.json()["errors"][0]["code"], "depth");
    }
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() {
    let app = App::start().await;
    let body = |bytes: usize| {
        let frame = json!({"email": "a@x.example", "password": ""}).to_string();
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    const LIMIT: usize = 1024 * 1024;
    post(&app, body(LIMIT)).await.expect_problem(401, "sign-in-refused");
    post(&app, body(LIMIT + 1)).await.expect_problem(413, "body-too-large");
    // Without a declared length the bytes themselves are counted.
    let chunks = body(LIMIT + 1).into_bytes().chunks(10_000).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let chunks = stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
    post(&app, Body::from_stream(chunks)).await.expect_problem(413, "body-too-large");
}

#[tokio::test]
async fn a_body_of_another_type_is_not_looked_at() {
    let app = App::start().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "json"] {
        let answer = app.stranger().post_raw(PATH, kind, r#"{"email": "a", "password": "b"}"#).await;
        answer.expect_problem(415, "unsupported-media-type");
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        let answer = app.stranger().post_raw(PATH, kind, r#"{"email": "a", "password": "b"}"#).await;
        answer.expect_problem(401, "sign-in-refused");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let app = App::start().await;
    let parts = [Ok(b"{\"email\":".to_vec()), Err(std::io::Error::other("the client went away"))];
    post(&app, Body::from_stream(stream::iter(parts))).await.expect_problem(400, "malformed-request");
    let failures = app.database().as_superuser("select count(*) from sign_in_failures").await;
    assert_eq!(failures[0][0].as_deref(), Some("0"));
}

#[tokio::test]
async fn odd_addresses_and_endless_passwords_are_refused_like_any_other() {
    let app = App::start().await;
    for (email, password) in [
        ("", ""),
        ("ü@x.example", "p"),
        ("' or 1=1 --", "p"),
        ("a@x.example", &*"p".repeat(100_000)),
        (&*"a".repeat(100_000), "p"),
        ("\u{202e}\u{fffe}", "\u{10ffff}"),
    ] {
        let body = json!({"email": email, "password": password});
        let answer = app.stranger().post(PATH, &body).await;
        answer.expect_problem(401, "sign-in-refused");
    }
}

#[tokio::test]
async fn odd_paths_and_headers_never_break_anything() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    for path in [
        "/api/v1/me?%00",
        "/api/v1/%00",
        "/api/v1/records/%00",
        "/api/v1/records/%ff%fe",
        "//",
        "/%2e%2e/%2e%2e",
        "/api/v1/records/contacts/not-a-uuid",
        "/api/v1/records/contacts/00000000-0000-0000-0000-000000000000",
        "/api/v1/modules/%27%20or%201%3d1",
    ] {
        let status = owner.get(path).await.status;
        assert!((200..500).contains(&status), "{path} gave {status}");
    }
    let list = owner.get("/api/v1/users?colour=red").await.expect_problem(400, "malformed-request");
    assert!(list.text().contains("colour"), "{}", list.text());
    for value in ["Bearer", "Bearer ", "bearer a.b.c", "Basic YTpi", "Bearer \u{ff}\u{fe}"] {
        let request = app.stranger().at("acme").request(axum::http::Method::GET, "/api/v1/me");
        let request = request.header(header::AUTHORIZATION, value.as_bytes()).body(Body::empty());
        app.send(request.expect("a request")).await.expect_problem(401, "unauthenticated");
    }
}
