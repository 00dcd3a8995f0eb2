//! Saved views, and the search over all modules.

use serde_json::{Value, json};

use super::{Office, contact, text};
use crate::kit::{Answer, Client};

async fn save(client: &Client, view: &Value) -> Answer {
    client.post("/api/v1/modules/contacts/views", view).await
}

fn titles(page: &Value) -> Vec<String> {
    page["data"].as_array().expect("a list").iter().map(|record| text(&record["title"])).collect()
}

#[tokio::test]
async fn a_view_is_saved_used_changed_and_deleted() {
    let Office { owner, worker, .. } = Office::open().await;
    for name in ["Alder", "Birch", "Cedar"] {
        contact(&owner, name).await;
    }
    let view = json!({
        "label": " Not Birch ", "filter": "last_name != \"Birch\"", "sort": ["-last_name"], "columns": ["last_name", "email"],
        "group_by": "owner",
    });
    let saved = save(&owner, &view).await.expect(201).json();
    assert_eq!((&saved["label"], &saved["visibility"]), (&json!("Not Birch"), &json!("private")));
    let id = text(&saved["id"]);
    let list = format!("/api/v1/records/contacts?view={id}");
    let page = owner.get(&format!("{list}&limit=1")).await.expect(200).json();
    assert_eq!(titles(&page), ["Mara Cedar"]);
    let rest = format!("/api/v1/records/contacts?cursor={}", text(&page["next"]));
    assert_eq!(
        titles(&owner.get(&rest).await.expect(200).json()),
        ["Mara Alder"],
        "the cursor keeps the view"
    );
    worker.get(&list).await.expect_problem(422, "invalid-query");
    worker.get(&format!("/api/v1/views/{id}")).await.expect_problem(404, "not-found");

    let path = format!("/api/v1/views/{id}");
    owner.patch(&path, 1, &json!({"filter": null})).await.expect(200);
    owner.patch(&path, 1, &json!({"label": "x"})).await.expect_problem(412, "stale-version");
    assert_eq!(titles(&owner.get(&list).await.expect(200).json()).len(), 3);
    let browser = owner.browser().await;
    let html = browser.get(&format!("/m/contacts?view={id}")).await.expect(200).text();
    assert!(html.contains(">Not Birch</a>") && html.contains("Mara Cedar"), "{html}");
    owner.delete(&path, 2).await.expect(204);
    owner.get(&list).await.expect(422);
}

#[tokio::test]
async fn a_view_that_does_not_fit_is_refused_and_one_that_fits_no_more_says_so() {
    let Office { owner, app, .. } = Office::open().await;
    let bad = json!({"label": "", "filter": "shoe == 1", "sort": ["hat"], "columns": ["email", "glove"], "group_by": "sock"});
    let refused = save(&owner, &bad).await.expect_problem(422, "invalid-definition");
    assert_eq!(refused.pointers(), ["/filter", "/group_by", "/sort", "/columns/1", "/label"]);
    let field = json!({"key": "shoe", "label": "Shoe", "type": "integer"});
    owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    let view = json!({"label": "Big feet", "filter": "shoe > 45", "visibility": "everyone"});
    let saved = save(&owner, &view).await.expect(201).json();
    let retire = "update module_fields set retired_at = now() where key = 'shoe';
                  update schema_versions set version = version + 1";
    app.database().as_superuser(retire).await;
    let path = format!("/api/v1/views/{}", text(&saved["id"]));
    let now = owner.get(&path).await.expect(200).json();
    assert_eq!(now["problems"][0]["pointer"], "/filter", "{now}");
    let list = owner.get(&format!("/api/v1/records/contacts?view={}", text(&saved["id"]))).await;
    let list = list.expect_problem(422, "invalid-query");
    assert!(list.text().contains("Big feet") && list.text().contains("no longer fits"), "{}", list.text());
    let html = owner
        .browser()
        .await
        .get(&format!("/m/contacts?view={}", text(&saved["id"])))
        .await
        .expect(200)
        .text();
    assert!(html.contains("no longer fits"), "{html}");
}

#[tokio::test]
async fn views_are_shared_by_who_manages_the_schema_and_seen_by_whom_they_are_for() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    let view = json!({"label": "Ours", "visibility": "role", "role": "worker", "default_for": "worker", "columns": ["email"]});
    save(&worker, &view).await.expect_problem(403, "forbidden");
    let ours = save(&owner, &view).await.expect(201).json();
    let path = format!("/api/v1/views/{}", text(&ours["id"]));
    worker.get(&path).await.expect(200);
    reader.get(&path).await.expect(404);
    worker.patch(&path, 1, &json!({"label": "Mine"})).await.expect_problem(403, "forbidden");
    worker.delete(&path, 1).await.expect(403);
    let list = worker.browser().await.get("/m/contacts").await.expect(200).text();
    assert!(list.contains("aria-current=\"page\">Ours</a>"), "the role's list opens with it: {list}");
    let saved = |views: Value| views["saved"].as_array().map(Vec::len);
    assert_eq!(saved(worker.get("/api/v1/modules/contacts/views").await.expect(200).json()), Some(1));
    assert_eq!(saved(reader.get("/api/v1/modules/contacts/views").await.expect(200).json()), Some(0));
    // Another default takes the place of the first.
    let all = json!({"label": "All of us", "visibility": "everyone", "default_for": "worker"});
    save(&owner, &all).await.expect(201);
    assert_eq!(owner.get(&path).await.expect(200).json()["default_for"], json!(null));
    for (bad, pointer) in [
        (json!({"label": "x", "visibility": "role"}), "/role"),
        (json!({"label": "x", "visibility": "role", "role": "pope"}), "/role"),
        (json!({"label": "x", "default_for": "worker"}), "/default_for"),
        (json!({"label": "x", "visibility": "public"}), "/visibility"),
    ] {
        assert_eq!(save(&owner, &bad).await.expect(422).pointers(), [pointer], "{bad}");
    }
}

#[tokio::test]
async fn a_search_over_all_modules_finds_the_best_first_and_only_what_may_be_read() {
    let Office { owner, worker, .. } = Office::open().await;
    for name in ["Unterlindner", "Linde Berg", "Linden"] {
        contact(&owner, name).await;
    }
    let body = json!({"data": {"first_name": "Linda", "last_name": "Zorn"}});
    owner.post("/api/v1/records/contacts", &body).await.expect(201);
    let own = contact(&worker, "Lindauer").await;
    let groups = owner.get("/api/v1/search?q=lind&limit=20").await.expect(200).json();
    let group = &groups["data"][0];
    assert_eq!((&group["module"], &group["count"]["value"]), (&json!("contacts"), &json!(5)));
    let found: Vec<_> =
        group["records"].as_array().expect("hits").iter().map(|hit| text(&hit["title"])).collect();
    let expected = ["Linda Zorn", "Mara Lindauer", "Mara Linden", "Mara Linde Berg", "Mara Unterlindner"];
    assert_eq!(found, expected, "begins with, then a word does, then the rest, the last changed first");
    let theirs = worker.get("/api/v1/search?q=lind").await.expect(200).json();
    assert_eq!(theirs["data"][0]["records"].as_array().map(Vec::len), Some(1));
    assert!(own.ends_with(&text(&theirs["data"][0]["records"][0]["id"])));
    assert_eq!(owner.get("/api/v1/search?q=qqqq").await.expect(200).json()["data"], json!([]));
    owner.get("/api/v1/search?q=").await.expect_problem(422, "invalid-query");
    owner.get("/api/v1/search").await.expect_problem(400, "malformed-request");
    assert!(
        owner.get("/api/v1/search?q=li").await.expect(200).text().contains("Linda Zorn"),
        "short words begin titles"
    );
}
