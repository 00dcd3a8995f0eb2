//! Relations: one and many, to one module and to several, what becomes of them when the other side goes, what conditions
//! and answers see through them, and that none of it shows more than the actor may read.

mod circle;
mod departure;
mod expand;
mod follow;
mod many;
mod paths;
mod related;
mod wall;

use serde_json::{Value, json};

use crate::kit::{Answer, App, Client};

/// A sales team without sample records.
pub async fn sales(app: &App) -> Client {
    app.sign_up_with("acme", "corporate", false).await
}

/// Adds a field to a module.
pub async fn add_field(owner: &Client, module: &str, definition: Value) {
    owner.post(&format!("/api/v1/modules/{module}/fields"), &definition).await.expect(201);
}

/// Creates a record.
pub async fn create(client: &Client, module: &str, data: Value) -> Value {
    client.post(&path(module), &json!({ "data": data })).await.expect(201).json()
}

/// The list of a module.
pub fn path(module: &str) -> String {
    format!("/api/v1/records/{module}")
}

/// The address of a record.
pub fn at(record: &Value) -> String {
    format!("{}/{}", path(record["module"].as_str().expect("a module")), id(record))
}

/// A record's id.
pub fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

/// An organization, its contact and a deal with both.
pub async fn account(client: &Client, name: &str) -> (Value, Value, Value) {
    let organization = create(client, "organizations", json!({"name": name, "industry": "food"})).await;
    let contact = json!({"first_name": "Ana", "last_name": name, "organization": id(&organization)});
    let contact = create(client, "contacts", contact).await;
    let deal = json!({
        "name": format!("{name} roll-out"), "organization": id(&organization), "contact": id(&contact),
        "amount": "1000", "close_date": "2026-12-01",
    });
    let deal = create(client, "deals", deal).await;
    (organization, contact, deal)
}

/// The record as it is now.
pub async fn now(client: &Client, record: &Value) -> Value {
    client.get(&at(record)).await.expect(200).json()
}

/// Moves a record to the trash as it is now.
pub async fn trash(client: &Client, record: &Value) -> Answer {
    let version = now(client, record).await["version"].as_i64().expect("a version");
    client.delete(&at(record), i32::try_from(version).expect("a small number")).await
}

/// Changes a record as it is now.
pub async fn change(client: &Client, record: &Value, data: Value) -> Answer {
    let version = now(client, record).await["version"].as_i64().expect("a version");
    let version = i32::try_from(version).expect("a small number");
    client.patch(&at(record), version, &json!({ "data": data })).await
}

/// Titles of a list.
pub async fn titles(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let query = serde_html_form::to_string(parameters).expect("a query");
    let joint = if path.contains('?') { '&' } else { '?' };
    let page = client.get(&format!("{path}{joint}{query}")).await.expect(200).json();
    let records = page["data"].as_array().expect("records").iter();
    records.map(|record| record["title"].as_str().expect("a title").to_owned()).collect()
}
