//! Conditions and rules that templates declare: obeyed by the one write path, whoever asks.

mod pages;
mod rules;

use serde_json::{Value, json};

use crate::kit::{App, Client};

/// The records of the sales template's deals.
pub const DEALS: &str = "/api/v1/records/deals";

/// Somebody with a corporate workspace, and an organization in it.
pub async fn corporate(slug: &str) -> (App, Client, Value) {
    let app = App::start().await;
    let owner = app.sign_up_with(slug, "corporate", false).await;
    let acme = json!({"data": {"name": "Acme", "relationship": "customer", "tier": "key"}});
    let acme = owner.post("/api/v1/records/organizations", &acme).await.expect(201).json();
    (app, owner, acme)
}

/// The values of a deal with an organization.
pub fn deal(organization: &Value, amount: &str) -> Value {
    json!({"name": "Line 3", "organization": organization["id"], "amount": amount, "close_date": "2026-03-01"})
}

/// A deal of an organization.
pub async fn sell(owner: &Client, organization: &Value, amount: &str) -> Value {
    owner.post(DEALS, &json!({"data": deal(organization, amount)})).await.expect(201).json()
}

/// Changes a record as it was read.
pub async fn change(owner: &Client, record: &Value, body: Value) -> crate::kit::Answer {
    let path = format!(
        "/api/v1/records/{}/{}",
        record["module"].as_str().expect("a module"),
        record["id"].as_str().expect("an id")
    );
    let version = record["version"].as_i64().expect("a version");
    owner.patch(&path, version.try_into().expect("a small version"), &body).await
}
