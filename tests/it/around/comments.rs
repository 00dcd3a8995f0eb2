//! Comments, mentions and followers.

use serde_json::json;

use super::{Office, contact, text, told};

#[tokio::test]
async fn who_is_mentioned_is_told_once_and_only_who_may_read_can_be() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    let comments = format!("{path}/comments");
    let body = json!({"body": format!("See this, @[{}] and @[{}]", reader.user(), owner.user())});
    let comment = owner.post(&comments, &body).await.expect(201).json();
    assert_eq!(comment["mentions"][0]["name"], "Willem read_only");
    assert_eq!(told(&reader).await, [("mention".to_owned(), "comment".to_owned())]);
    assert!(told(&owner).await.is_empty(), "nobody is told of their own words");

    let blind = json!({"body": format!("See this, @[{}]", worker.user())});
    let refused = owner.post(&comments, &blind).await.expect_problem(422, "invalid-input");
    assert!(refused.text().contains("may not read this record"), "{}", refused.text());
    let nobody = json!({"body": "See this, @[0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02]"});
    let refused = owner.post(&comments, &nobody).await.expect(422);
    assert!(refused.text().contains("not an active member"), "{}", refused.text());
    assert!(told(&worker).await.is_empty());

    let own = format!("/api/v1/comments/{}", text(&comment["id"]));
    let edited = json!({"body": format!("See that, @[{}]", reader.user())});
    let edited = owner.patch(&own, 1, &edited).await.expect(200).json();
    assert_eq!(edited["edited_at"], "2026-01-15T09:00:00Z");
    assert_eq!(told(&reader).await.len(), 1, "nobody is told twice of one comment");
}

#[tokio::test]
async fn comments_belong_to_who_wrote_them() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    let words = json!({"body": "I know her"});
    let theirs = reader.post(&format!("{path}/comments"), &words).await.expect(201).json();
    let theirs = format!("/api/v1/comments/{}", text(&theirs["id"]));
    owner.patch(&theirs, 1, &json!({"body": "I do not"})).await.expect_problem(403, "forbidden");
    worker.patch(&theirs, 1, &json!({"body": "x"})).await.expect_problem(404, "not-found");
    worker.delete(&theirs, 1).await.expect(404);
    reader.patch(&theirs, 1, &json!({"body": " "})).await.expect(422);
    owner.delete(&theirs, 1).await.expect(204);
    reader.delete(&theirs, 1).await.expect(404);
    let list = owner.get(&format!("{path}/comments")).await.expect(200).json();
    assert_eq!((&list["data"][0]["body"], list["data"][0]["deleted_at"].is_string()), (&json!(""), true));
}

#[tokio::test]
async fn followers_are_told_of_each_change_of_others_exactly_once() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    for client in [&reader, &owner, &reader] {
        client.post(&format!("{path}/followers"), &json!({})).await.expect(200);
    }
    let followers = reader.get(&format!("{path}/followers")).await.expect(200).json();
    assert_eq!(
        (followers["data"].as_array().map(Vec::len), &followers["following"]),
        (Some(2), &json!(true))
    );
    owner.patch(&path, 1, &json!({"data": {"last_name": "Sen-Gupta"}})).await.expect(200);
    owner.patch(&path, 2, &json!({"data": {"last_name": "Gupta"}})).await.expect(200);
    let other = app.beside().await;
    futures_util::join!(app.background(), other.background());
    app.background().await;
    let change = || ("change".to_owned(), "updated".to_owned());
    assert_eq!(told(&reader).await, [change(), change()]);
    assert!(told(&owner).await.is_empty(), "who made the change knows");
    let page = reader.get("/api/v1/notifications").await.expect(200);
    assert!(!page.text().contains("last_name"), "no values and no fields: {}", page.text());
    assert_eq!(page.json()["data"][0]["record"]["title"], "Mara Gupta");
    assert_eq!(page.json()["unread"], 2);

    reader.delete(&format!("{path}/followers"), 1).await.expect(200);
    owner.delete(&path, 3).await.expect(204);
    app.background().await;
    assert_eq!(told(&reader).await.len(), 2);
}

#[tokio::test]
async fn who_may_read_a_record_no_more_is_shown_nothing_of_it() {
    let Office { app, owner, worker, .. } = Office::open().await;
    let path = contact(&worker, "Rao").await;
    worker.post(&format!("{path}/followers"), &json!({})).await.expect(200);
    owner.patch(&path, 1, &json!({"data": {"last_name": "Rao-Sen"}})).await.expect(200);
    app.background().await;
    assert_eq!(told(&worker).await.len(), 1);
    owner.patch(&path, 2, &json!({"owner": owner.user()})).await.expect(200);
    app.background().await;
    let page = worker.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!((page["data"].as_array().map(Vec::len), &page["unread"]), (Some(0), &json!(0)));
    worker.get("/api/v1/notifications?unread=true").await.expect(200);
}

#[tokio::test]
async fn notifications_are_read_by_their_own_reader() {
    let Office { owner, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    for word in ["one", "two", "three"] {
        let body = json!({"body": format!("{word} @[{}]", reader.user())});
        owner.post(&format!("{path}/comments"), &body).await.expect(201);
    }
    let page = reader.get("/api/v1/notifications").await.expect(200).json();
    let first = format!("/api/v1/notifications/{}/read", text(&page["data"][0]["id"]));
    owner.post(&first, &json!({})).await.expect_problem(404, "not-found");
    reader.post(&first, &json!({})).await.expect(204);
    reader.post(&first, &json!({})).await.expect(204);
    let unread = reader.get("/api/v1/notifications?unread=true").await.expect(200).json();
    assert_eq!(unread["data"].as_array().map(Vec::len), Some(2));
    reader.post("/api/v1/notifications/read", &json!({})).await.expect(204);
    assert_eq!(reader.get("/api/v1/notifications").await.expect(200).json()["unread"], 0);
}
