//! What a role lets through, over the API, from sign-in to the stored record.

use serde_json::json;

use crate::kit::App;

const ITEMS: &str = "/api/v1/records/items";

#[tokio::test]
async fn a_worker_works_on_own_records_and_does_not_learn_of_others() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "blank", false).await;
    let worker = app.member(&owner, "worker").await;
    let create = json!({"data": {"name": "Ladder"}});
    let theirs = owner.post(ITEMS, &create).await.expect(201).json();
    let own = worker.post(ITEMS, &create).await.expect(201).json();
    assert_eq!(own["owner"]["id"].as_str().or(own["owner"].as_str()), Some(worker.user()));
    let path = |record: &serde_json::Value| format!("{ITEMS}/{}", record["id"].as_str().unwrap_or_default());

    worker.get(&path(&theirs)).await.expect_problem(404, "not-found");
    let change = json!({"data": {"name": "Long ladder"}});
    worker.patch(&path(&theirs), 1, &change).await.expect_problem(404, "not-found");
    worker.delete(&path(&theirs), 1).await.expect_problem(404, "not-found");
    worker.patch(&path(&own), 1, &change).await.expect(200);
    let stale = worker.patch(&path(&own), 1, &change).await.expect_problem(412, "stale-version");
    assert_eq!(stale.json()["current_version"], 2);
    worker.delete(&path(&own), 2).await;
    let field = json!({"key": "colour", "label": "Colour", "type": "text"});
    worker.post("/api/v1/modules/items/fields", &field).await.expect_problem(403, "forbidden");
    owner.post("/api/v1/modules/items/fields", &field).await.expect(201);
    let left = owner.get(ITEMS).await.expect(200).json();
    assert_eq!(left["data"].as_array().map(Vec::len), Some(1), "{left}");
}
