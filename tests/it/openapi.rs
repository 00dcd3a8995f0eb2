//! The description of the API: complete, sound, and typed by the tenant's own modules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kit::{App, Client};
use crate::records::{add_field, starter};

async fn document(client: &Client) -> Value {
    client.get("/api/v1/openapi.json").await.expect(200).json()
}

/// Every value with this key, wherever it lies.
fn collect<'d>(value: &'d Value, key: &str, found: &mut Vec<&'d Value>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get(key));
            map.values().for_each(|value| collect(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_one_sound_document() {
    let app = App::start().await;
    for template in ["hospital", "real-estate", "jewellery", "corporate"] {
        let owner = app.sign_up_with(template, template, false).await;
        let document = document(&owner).await;
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
        assert_eq!(document["servers"], json!([{"url": format!("/t/{template}")}]));
        let mut references = Vec::new();
        collect(&document, "$ref", &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference
                .as_str()
                .and_then(|reference| reference.strip_prefix('#'))
                .expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
        }
        let mut operations = Vec::new();
        collect(&document["paths"], "operationId", &mut operations);
        let distinct: BTreeSet<&str> = operations.iter().filter_map(|operation| operation.as_str()).collect();
        assert_eq!(distinct.len(), operations.len(), "an operation's name is there twice: {operations:?}");
    }
}

#[tokio::test]
async fn every_module_has_its_types() {
    let app = App::start().await;
    let owner = app.sign_up_with("clinic", "hospital", false).await;
    let document = document(&owner).await;
    let modules = owner.get("/api/v1/modules").await.expect(200).json();
    for module in modules["data"].as_array().expect("modules") {
        let key = module["key"].as_str().expect("a key");
        assert!(document["paths"][format!("/api/v1/records/{key}")]["post"].is_object(), "{key}");
        assert!(document["paths"][format!("/api/v1/records/{key}/{{id}}")]["patch"].is_object(), "{key}");
        let title = &module["label"]["one"];
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        let record =
            schemas.values().find(|schema| schema["properties"]["module"]["const"] == key).expect("a type");
        assert_eq!(&record["title"], title);
        for field in module["fields"].as_array().expect("fields") {
            let described =
                &record["properties"]["data"]["properties"][field["key"].as_str().expect("a key")];
            assert_eq!(described["title"], field["label"], "{key}");
            if field["type"] == "choice" {
                let keys: Vec<&Value> = field["options"]
                    .as_array()
                    .expect("options")
                    .iter()
                    .map(|option| &option["key"])
                    .collect();
                assert_eq!(described["enum"], json!(keys), "{key}");
            }
        }
    }
}

#[tokio::test]
async fn it_changes_with_the_schema_and_only_then() {
    let (app, owner) = starter("acme").await;
    let first = owner.get("/api/v1/openapi.json").await.expect(200);
    let tag = first.header("etag").to_owned();
    let again = async |tag: &str| {
        let request =
            owner.request(axum::http::Method::GET, "/api/v1/openapi.json").header("if-none-match", tag);
        app.send(request.body(axum::body::Body::empty()).expect("a request")).await
    };
    assert_eq!(again(&tag).await.status, 304);
    add_field(&owner, json!({"key": "shade", "label": "Shade", "type": "choice", "options": [{"key": "dark", "label": "Dark"}]})).await;
    let changed = again(&tag).await.expect(200).json();
    let shade = |schema: &str| changed.pointer(&format!("/components/schemas/{schema}/shade/enum")).cloned();
    assert_eq!(shade("Items/properties/data/properties"), Some(json!(["dark"])));
    assert_eq!(shade("ItemsInput/properties/data/properties"), Some(json!(["dark"])));
}
