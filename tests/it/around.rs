//! What stands around a record: activities, comments, followers, tasks, notifications and files, each behind the rights
//! to its record.

mod activities;
mod comments;
mod fields;
mod files;
mod lasting;
mod pages;
mod tasks;
mod views;
mod walls;

use serde_json::{Value, json};

use crate::kit::{App, Client};

/// A workspace of the corporate template: its owner, a sales representative who sees only their own, and somebody who
/// reads everything.
pub struct Office {
    pub app: App,
    pub owner: Client,
    pub worker: Client,
    pub reader: Client,
}

impl Office {
    pub async fn open() -> Self {
        let app = App::start().await;
        let owner = app.sign_up_with("acme", "corporate", false).await;
        let worker = app.member(&owner, "worker").await;
        let reader = app.member(&owner, "read_only").await;
        Self { app, owner, worker, reader }
    }
}

/// Makes a contact and gives its path.
pub async fn contact(client: &Client, name: &str) -> String {
    let body = json!({"data": {"first_name": "Mara", "last_name": name}});
    let made = client.post("/api/v1/records/contacts", &body).await.expect(201).json();
    format!("/api/v1/records/contacts/{}", text(&made["id"]))
}

/// The id at the end of a path.
pub fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// What somebody is told: kind and what, newest first.
pub async fn told(client: &Client) -> Vec<(String, String)> {
    let page = client.get("/api/v1/notifications").await.expect(200).json();
    let rows = page["data"].as_array().expect("a list").clone();
    rows.iter().map(|row| (text(&row["kind"]), text(&row["what"]))).collect()
}
