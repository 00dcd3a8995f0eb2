//! Every template over the API, and fields that a tenant adds to it.

mod custom_field;

use serde_json::{Value, json};

use crate::kit::{App, Client};
use crate::records::id;

/// The industries.
const TEMPLATES: [&str; 5] = ["hospital", "real-estate", "jewellery", "corporate", "blank"];

async fn modules(client: &Client) -> Vec<Value> {
    let modules = client.get("/api/v1/modules").await.expect(200).json();
    modules["data"].as_array().expect("modules").clone()
}

async fn list(client: &Client, module: &str, query: &str) -> Value {
    client.get(&format!("/api/v1/records/{module}?{query}")).await.expect(200).json()
}

/// Walks a module's whole list; the records.
async fn all(client: &Client, module: &str, query: &str) -> Vec<Value> {
    let mut page = list(client, module, &format!("limit=100&{query}")).await;
    let mut records = Vec::new();
    loop {
        records.extend(page["data"].as_array().expect("records").clone());
        let Some(cursor) = page["next"].as_str() else { return records };
        page = list(client, module, &format!("limit=100&count=none&cursor={cursor}")).await;
    }
}

/// Everything that can be asked of a module's list works; gives its records.
async fn exercise(client: &Client, module: &Value) -> Vec<Value> {
    let key = module["key"].as_str().expect("a key");
    let records = all(client, key, "").await;
    for view in module["views"].as_array().into_iter().flatten() {
        let shown = list(client, key, &format!("view={}", view["key"].as_str().expect("a key"))).await;
        assert!(shown["count"]["value"].as_u64() <= Some(records.len() as u64), "{key}/{}", view["key"]);
    }
    for field in module["fields"].as_array().into_iter().flatten() {
        let (field, ty) = (field["key"].as_str().expect("a key"), &field["type"]);
        let held =
            list(client, key, &format!("limit=1&count=exact&filter=record.{field}%20is%20not%20empty")).await;
        let with = records.iter().filter(|record| !record["data"][field].is_null()).count();
        assert_eq!(held["count"]["value"], with, "{key}.{field}");
        if !["multi_choice", "relations"].iter().any(|list| ty == list) {
            assert_eq!(
                all(client, key, &format!("count=none&sort=-{field}")).await.len(),
                records.len(),
                "{key}.{field}"
            );
        }
    }
    for record in records.iter().take(8) {
        let path = format!("/api/v1/records/{key}/{}", id(record));
        assert_eq!(&client.get(&path).await.expect(200).json(), record);
        client.get(&format!("{path}/history")).await.expect(200);
    }
    records
}

async fn applied(template: &str, samples: bool) {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    assert_eq!(owner.get("/api/v1/workspace/template").await.expect(200).json()["template"], Value::Null);
    let body = json!({"template": template, "samples": samples});
    let installed = owner.post("/api/v1/workspace/template", &body).await.expect(201).json();
    let summary = owner.get(&format!("/api/v1/templates/{template}")).await.expect(200).json();
    let modules = modules(&owner).await;
    assert_eq!(installed["modules"], modules.len());
    assert_eq!(installed["fields"], summary["fields"]);
    let mut records = 0;
    for module in &modules {
        let here = exercise(&owner, module).await;
        assert!(here.iter().all(|record| record["source"] == "template"));
        records += here.len();
    }
    assert_eq!(installed["samples"], records, "{template}");
    assert_eq!(records > 0, samples);
    for again in TEMPLATES {
        let body = json!({"template": again, "samples": true});
        owner.post("/api/v1/workspace/template", &body).await.expect_problem(409, "conflict");
    }
    assert_eq!(owner.get("/api/v1/workspace/template").await.expect(200).json()["template"]["key"], template);
}

#[tokio::test]
async fn hospital() {
    applied("hospital", true).await;
}

#[tokio::test]
async fn real_estate() {
    applied("real-estate", true).await;
}

#[tokio::test]
async fn jewellery() {
    applied("jewellery", true).await;
}

#[tokio::test]
async fn corporate() {
    applied("corporate", true).await;
}

#[tokio::test]
async fn blank() {
    applied("blank", true).await;
}

#[tokio::test]
async fn every_template_comes_without_samples_too() {
    for template in TEMPLATES {
        applied(template, false).await;
    }
}

#[tokio::test]
async fn only_an_owner_applies_only_what_there_is() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    for unknown in ["nothing", "", "../blank", "Blank"] {
        let body = json!({"template": unknown});
        owner.post("/api/v1/workspace/template", &body).await.expect_problem(404, "not-found");
    }
    assert_eq!(modules(&owner).await, [Value::Null; 0]);
    owner.post("/api/v1/workspace/template", &json!({"template": "blank"})).await.expect(201);
    let manager = app.member(&owner, "manager").await;
    let body = json!({"template": "blank"});
    manager.post("/api/v1/workspace/template", &body).await.expect_problem(403, "forbidden");
}

/// Whoever comes first; the other finds the workspace made.
#[tokio::test]
async fn of_two_at_once_one_applies() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let apply = async |template: &str| {
        owner.post("/api/v1/workspace/template", &json!({"template": template, "samples": true})).await.status
    };
    let (one, other) = futures_util::future::join(apply("blank"), apply("corporate")).await;
    assert_eq!([one.min(other), one.max(other)], [201, 409]);
    let modules = modules(&owner).await;
    assert_eq!(modules.len(), if one == 201 { 1 } else { modules.len().max(2) });
}
