//! Views: their filter always holds, their sort where none is given.

use serde_json::{Value, json};

use crate::kit::Client;
use crate::records::{ITEMS, starter};

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
    let records = page["data"].as_array().expect("records");
    records.iter().map(|record| record["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn a_view_filters_and_sorts() {
    let (app, owner) = starter("acme").await;
    let worker = app.member(&owner, "manager").await;
    for (client, name, stage, due) in [
        (&owner, "late", "to_do", json!("2026-01-01")),
        (&owner, "today", "in_progress", json!("2026-01-15")),
        (&worker, "later", "to_do", json!("2026-03-01")),
        (&owner, "done", "done", json!("2025-01-01")),
        (&owner, "whenever", "to_do", Value::Null),
    ] {
        let body = json!({"data": {"name": name, "due_on": due}, "stage": stage});
        client.post(ITEMS, &body).await.expect(201);
    }
    assert_eq!(titles(&owner, "view=all_items").await, ["done", "late", "today", "later", "whenever"]);
    assert_eq!(titles(&owner, "view=open").await, ["late", "today", "later", "whenever"]);
    assert_eq!(titles(&owner, "view=overdue").await, ["late"]);
    assert_eq!(titles(&worker, "view=mine").await, ["later"], "who asks");
    assert_eq!(titles(&owner, "view=open&sort=-name").await, ["whenever", "today", "later", "late"]);
    assert_eq!(titles(&owner, "view=open&filter=due_on%20is%20empty").await, ["whenever"]);
    assert_eq!(titles(&owner, "view=open&q=late").await, ["late", "later"]);
    app.advance(chrono::TimeDelta::days(1));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    assert_eq!(titles(&owner, "view=overdue").await, ["late", "today"], "today is another day");

    let first = owner.get(&format!("{ITEMS}?view=open&limit=3")).await.expect(200).json();
    let cursor = first["next"].as_str().expect("there is one more");
    assert_eq!(titles(&owner, &format!("cursor={cursor}")).await, ["whenever"]);
}
