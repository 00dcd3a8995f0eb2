//! How long things around a record last, and that a request that comes twice makes one of them.

use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::files::upload;
use super::{Office, contact, id};
use crate::kit::{Answer, Client};
use crate::records::count;

const TABLES: [&str; 6] = ["activities", "comments", "followers", "tasks", "notifications", "file_links"];

#[tokio::test]
async fn what_stands_around_a_record_goes_with_it_when_the_trash_is_emptied() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let (gone, kept) = (contact(&owner, "Sen").await, contact(&owner, "Rao").await);
    for path in [&gone, &kept] {
        owner.post(&format!("{path}/activities"), &json!({"kind": "note", "subject": "x"})).await.expect(201);
        let body = json!({"body": format!("See this, @[{}]", reader.user())});
        owner.post(&format!("{path}/comments"), &body).await.expect(201);
        reader.post(&format!("{path}/followers"), &json!({})).await.expect(200);
        owner.post("/api/v1/tasks", &json!({"title": "x", "record": id(path)})).await.expect(201);
        let file = upload(&owner, "a.pdf", id(path).as_bytes()).await.expect(201).json();
        owner.post(&format!("{path}/files"), &json!({"files": [file["id"]]})).await.expect(200);
    }
    owner.delete(&gone, 1).await.expect(204);
    app.advance(TimeDelta::days(29));
    app.background().await;
    for table in ["activities", "comments", "followers", "tasks", "file_links"] {
        assert_eq!(count(&app, table).await, 2, "{table}: the trash keeps it");
    }
    app.advance(TimeDelta::days(2));
    app.background().await;
    app.background().await;
    for table in TABLES {
        assert_eq!(count(&app, table).await, 1, "{table}");
    }
    assert_eq!([count(&app, "files").await, count(&app, "file_contents").await], [1, 1]);
}

async fn keyed(client: &Client, path: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path).header("idempotency-key", path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.app().send(request.body(body.to_string().into()).expect("a request")).await
}

#[tokio::test]
async fn a_request_that_comes_twice_makes_one_entry() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    let mention = json!({"body": format!("See this, @[{}]", reader.user())});
    for (path, body, table) in [
        (format!("{path}/activities"), json!({"kind": "note", "subject": "x"}), "activities"),
        (format!("{path}/comments"), mention, "comments"),
        ("/api/v1/tasks".to_owned(), json!({"title": "x"}), "tasks"),
        ("/api/v1/modules/contacts/views".to_owned(), json!({"label": "x"}), "saved_views"),
        ("/api/v1/files".to_owned(), json!({"content": "x"}), "files"),
    ] {
        let first = keyed(&owner, &path, &body).await.expect(201);
        let again = keyed(&owner, &path, &body).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), first.text()), ("true", again.text()), "{path}");
        assert_eq!(count(&app, table).await, 1, "{path}");
    }
    assert_eq!(count(&app, "notifications").await, 1);
}
