//! Tasks and their reminders.

use chrono::TimeDelta;
use serde_json::json;

use super::{Office, contact, id, text, told};

#[tokio::test]
async fn a_task_is_given_done_and_listed_where_it_belongs() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let path = contact(&owner, "Sen").await;
    let task = json!({
        "title": "Send the offer", "assignee": reader.user(), "record": id(&path), "priority": "high",
        "due_at": "2026-01-16T12:00:00Z",
    });
    let task = owner.post("/api/v1/tasks", &task).await.expect(201).json();
    assert_eq!((&task["record"]["title"], &task["version"]), (&json!("Mara Sen"), &json!(1)));
    assert_eq!(told(&reader).await, [("task".to_owned(), "assigned".to_owned())]);
    reader.post("/api/v1/tasks", &json!({"title": "Some day"})).await.expect(201);
    let mine = reader.get("/api/v1/tasks").await.expect(200).json();
    assert_eq!(mine["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(mine["data"][0]["title"], "Send the offer", "what is due comes first");
    assert_eq!(owner.get("/api/v1/tasks?which=given").await.expect(200).json()["data"][0]["id"], task["id"]);
    assert_eq!(owner.get("/api/v1/tasks").await.expect(200).json()["data"], json!([]));
    app.advance(TimeDelta::days(2));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    let reader = app.sign_in("read_only@acme.example", "acme").await;
    let late = reader.get("/api/v1/tasks?which=overdue").await.expect(200).json();
    assert_eq!((late["data"].as_array().map(Vec::len), &late["data"][0]["overdue"]), (Some(1), &json!(true)));

    let own = format!("/api/v1/tasks/{}", text(&task["id"]));
    let done = reader.patch(&own, 1, &json!({"done": true})).await.expect(200).json();
    assert!(done["done_at"].is_string() && done["version"] == 2, "{done}");
    owner.patch(&own, 1, &json!({"title": "Send"})).await.expect_problem(412, "stale-version");
    assert_eq!(reader.get("/api/v1/tasks?which=done").await.expect(200).json()["data"][0]["id"], task["id"]);
    let of_record = owner.get(&format!("{path}/tasks")).await.expect(200).json();
    assert_eq!(of_record["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_reminder_comes_once_when_it_is_due() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let task =
        json!({"title": "Call back", "reminder_at": "2026-01-15T10:00:00Z", "assignee": reader.user()});
    let task = owner.post("/api/v1/tasks", &task).await.expect(201).json();
    app.background().await;
    assert_eq!(told(&reader).await.len(), 1, "only that it was given");
    app.advance(TimeDelta::hours(2));
    let reader = app.sign_in("read_only@acme.example", "acme").await;
    let other = app.beside().await;
    other.advance(TimeDelta::hours(2));
    futures_util::join!(app.background(), other.background());
    app.background().await;
    let reminders = told(&reader).await.into_iter().filter(|(kind, _)| kind == "reminder").count();
    assert_eq!(reminders, 1);
    let own = format!("/api/v1/tasks/{}", text(&task["id"]));
    reader.patch(&own, 1, &json!({"reminder_at": "2026-01-15T10:30:00Z"})).await.expect(200);
    app.background().await;
    assert_eq!(told(&reader).await[0].0, "reminder", "another reminder is given too");
    reader.patch(&own, 2, &json!({"reminder_at": "2026-01-15T10:40:00Z", "done": true})).await.expect(200);
    app.background().await;
    assert_eq!(told(&reader).await.len(), 3, "nobody is reminded of what is done");
}

#[tokio::test]
async fn a_task_gives_no_way_to_a_record() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    let path = contact(&owner, "Secret").await;
    let blind = json!({"title": "Look", "record": id(&path), "assignee": worker.user()});
    let refused = owner.post("/api/v1/tasks", &blind).await.expect_problem(422, "invalid-input");
    assert_eq!(refused.pointers(), ["/assignee"]);
    let reach = json!({"title": "Look", "record": id(&path)});
    assert_eq!(worker.post("/api/v1/tasks", &reach).await.expect(422).pointers(), ["/record"]);

    let task = json!({"title": "Visit", "record": id(&path)});
    let task = owner.post("/api/v1/tasks", &task).await.expect(201).json();
    let own = format!("/api/v1/tasks/{}", text(&task["id"]));
    worker.get(&own).await.expect_problem(404, "not-found");
    worker.patch(&own, 1, &json!({"title": "Mine"})).await.expect(404);
    reader.get(&own).await.expect(200);
    reader.patch(&own, 1, &json!({"title": "Mine"})).await.expect_problem(403, "forbidden");
    owner.patch(&own, 1, &json!({"assignee": worker.user()})).await.expect(422);

    // A record that its assignee loses sight of leaves the task without its name.
    let mine = contact(&worker, "Rao").await;
    let task = json!({"title": "Ring", "record": id(&mine)});
    let task = worker.post("/api/v1/tasks", &task).await.expect(201).json();
    owner.patch(&mine, 1, &json!({"owner": owner.user()})).await.expect(200);
    let seen = worker.get(&format!("/api/v1/tasks/{}", text(&task["id"]))).await.expect(200).json();
    assert_eq!((&seen["title"], &seen["record"]), (&json!("Ring"), &json!(null)));
}

#[tokio::test]
async fn faults_of_a_task_are_told_at_their_places() {
    let Office { owner, .. } = Office::open().await;
    let bad = json!({
        "title": " ", "due_at": "2400-01-01T00:00:00Z", "assignee": "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02",
    });
    let refused = owner.post("/api/v1/tasks", &bad).await.expect_problem(422, "invalid-input");
    assert_eq!(refused.pointers(), ["/due_at", "/title", "/assignee"]);
    let bad = json!({"title": "x", "priority": "urgent"});
    assert_eq!(owner.post("/api/v1/tasks", &bad).await.expect(422).pointers(), ["/priority"]);
    owner.get("/api/v1/tasks?which=theirs").await.expect_problem(422, "invalid-query");
    let task = owner.post("/api/v1/tasks", &json!({"title": "x"})).await.expect(201).json();
    let path = format!("/api/v1/tasks/{}", text(&task["id"]));
    let moved = json!({"record": "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02"});
    assert_eq!(owner.patch(&path, 1, &moved).await.expect(422).pointers(), ["/record"]);
}
