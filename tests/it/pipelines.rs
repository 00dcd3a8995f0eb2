//! Pipelines over the API: several to a module, gates that hold, a history with the names of the time, boards that add up.

mod board;
mod gates;
mod manage;
mod pages;
mod templates;
mod ways;

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::kit::{Answer, App, Client};
use crate::records::{ITEMS, at};

/// The starter module's pipeline.
pub const PROGRESS: &str = "/api/v1/pipelines/progress";

/// Changes stages of the starter pipeline: for each key, what is put over its definition.
pub async fn gate(owner: &Client, changes: Value) -> Answer {
    let mut stages = owner.get(PROGRESS).await.expect(200).json()["stages"].clone();
    for stage in stages.as_array_mut().expect("stages") {
        let key = stage["key"].as_str().expect("a key").to_owned();
        for (name, value) in changes[&key].as_object().into_iter().flatten() {
            stage[name] = value.clone();
        }
    }
    patch_any(owner, PROGRESS, &json!({ "stages": stages })).await
}

/// Changes whatever version is there.
pub async fn patch_any(client: &Client, path: &str, body: &Value) -> Answer {
    let request = client.request(Method::PATCH, path).header(header::IF_MATCH, "*");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into());
    client.app().send(request.expect("a request")).await
}

/// Takes away.
pub async fn remove(client: &Client, path: &str) -> Answer {
    let request = client.request(Method::DELETE, path).header(header::IF_MATCH, "*").body(Body::empty());
    client.app().send(request.expect("a request")).await
}

/// Moves the clock on, past the life of tokens; the owner, signed in again.
pub async fn later(app: &App, by: TimeDelta) -> Client {
    app.advance(by);
    app.sign_in("owner@acme.example", "acme").await
}

/// Moves an item, as it is now, to a stage.
pub async fn to(client: &Client, record: &Value, stage: &str) -> Answer {
    patch_any(client, &at(record), &json!({ "stage": stage })).await
}

/// A second pipeline for the starter module, with two stages of the same keys.
pub async fn add_second(owner: &Client) {
    let body = json!({"key": "second", "module": "items", "label": "Second", "stages": [
        {"key": "to_do", "label": "Later"}, {"key": "doing", "label": "Doing"},
        {"key": "done", "label": "Finished", "category": "won"}]});
    owner.post("/api/v1/pipelines", &body).await.expect(201);
}

/// An item in a stage, named after it.
pub async fn item(client: &Client, stage: &str) -> Value {
    client.post(ITEMS, &json!({"data": {"name": stage}, "stage": stage})).await.expect(201).json()
}

/// The messages of a problem's errors.
pub fn messages(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned()).collect()
}
