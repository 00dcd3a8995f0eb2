//! A shop for these tests: a corporate workspace with some products, and an organization that buys.

use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::kit::{Answer, App, Client};

/// The shop.
pub struct Shop {
    pub app: App,
    pub owner: Client,
    pub organization: Value,
}

impl Shop {
    pub async fn open() -> Self {
        let app = App::start().await;
        let owner = app.sign_up_with("shop", "corporate", false).await;
        let data = json!({"name": "Lakeshore Dairy"});
        let organization = create(&owner, "organizations", data).await;
        Self { app, owner, organization }
    }

    /// A product of 100 dollars unless something else is said.
    pub async fn product(&self, sku: &str, changes: Value) -> Value {
        let mut data =
            json!({"name": format!("Product {sku}"), "sku": sku, "category": "hardware", "price": "100.00"});
        for (key, value) in changes.as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        create(&self.owner, "products", data).await
    }

    /// Asks for a quote with these lines.
    pub async fn quote(&self, client: &Client, rows: Value) -> Answer {
        self.quote_with(client, json!({"lines": {"rows": rows}})).await
    }

    /// Asks for a quote with these values.
    pub async fn quote_with(&self, client: &Client, mut data: Value) -> Answer {
        data["subject"] = json!("Line 4");
        data["organization"] = self.organization["id"].clone();
        client.post("/api/v1/records/quotes", &json!({ "data": data })).await
    }

    /// Says what a currency is worth.
    pub async fn rate(&self, client: &Client, body: Value) -> Answer {
        let request = client.request(Method::PUT, "/api/v1/exchange-rates");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        client.app().send(request.body(body.to_string().into()).expect("a request")).await
    }
}

impl Shop {
    /// Lets time pass; sessions end by it, so the owner signs in again.
    pub async fn wait(&mut self, time: TimeDelta) {
        self.app.advance(time);
        self.owner = self.app.sign_in("owner@shop.example", "shop").await;
    }
}

/// Creates a record.
pub async fn create(client: &Client, module: &str, data: Value) -> Value {
    client.post(&format!("/api/v1/records/{module}"), &json!({ "data": data })).await.expect(201).json()
}

/// The address of a record.
pub fn at(record: &Value) -> String {
    let part = |key: &str| record[key].as_str().expect("a record has an id and a module").to_owned();
    format!("/api/v1/records/{}/{}", part("module"), part("id"))
}

/// Sends a change of a record as it was read.
pub async fn patch(client: &Client, record: &Value, data: Value) -> Answer {
    let version = record["version"].as_i64().and_then(|version| version.try_into().ok()).expect("a version");
    client.patch(&at(record), version, &json!({ "data": data })).await
}

/// A row for a product.
pub fn row(product: &Value, quantity: impl Into<Value>) -> Value {
    json!({"product": product["id"], "quantity": quantity.into()})
}

/// A row with more to say.
pub fn row_with(product: &Value, changes: Value) -> Value {
    let mut row = row(product, 1);
    for (key, value) in changes.as_object().into_iter().flatten() {
        row[key] = value.clone();
    }
    row
}

/// What is wrong, as `pointer code`.
#[track_caller]
pub fn faults(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let word = |error: &Value, key: &str| error[key].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| format!("{} {}", word(error, "pointer"), word(error, "code"))).collect()
}
