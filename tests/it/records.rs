//! Records over the API: what is written is read again, whole or not at all, and everything that hangs on a record
//! follows it.

mod journal;
mod lifecycle;
mod numbers;
mod reference;
mod unique;
mod values;

use serde_json::{Value, json};

use crate::kit::{Answer, App, Client};

/// The records of the starter module.
pub const ITEMS: &str = "/api/v1/records/items";

/// Somebody with a workspace made from the starter template, without its sample records.
pub async fn starter(slug: &str) -> (App, Client) {
    let app = App::start().await;
    let owner = app.sign_up_with(slug, "blank", false).await;
    (app, owner)
}

/// Adds a field to the starter module; the field as the API shows it.
pub async fn add_field(owner: &Client, definition: Value) -> Value {
    owner.post("/api/v1/modules/items/fields", &definition).await.expect(201).json()
}

/// Creates an item with these values.
pub async fn create(client: &Client, data: Value) -> Value {
    client.post(ITEMS, &json!({ "data": data })).await.expect(201).json()
}

/// The address of a record of the starter module.
pub fn at(record: &Value) -> String {
    format!("{ITEMS}/{}", id(record))
}

/// A record's id.
pub fn id(record: &Value) -> &str {
    record["id"].as_str().expect("a record has an id")
}

/// A record's version.
pub fn version(record: &Value) -> i32 {
    record["version"].as_i64().and_then(|version| version.try_into().ok()).expect("a record has a version")
}

/// Sends a change of a record as it was read.
pub async fn patch(client: &Client, record: &Value, body: Value) -> Answer {
    client.patch(&at(record), version(record), &body).await
}

/// Rows of the table, as the superuser counts them.
pub async fn count(app: &App, table: &str) -> i64 {
    let rows = app.database().as_superuser(&format!("select count(*) from {table}")).await;
    rows[0][0].as_deref().and_then(|count| count.parse().ok()).expect("a count")
}

/// How much the write path has written: records, links, audit, events, series.
pub async fn footprint(app: &App) -> Vec<Vec<Option<String>>> {
    app.database()
        .as_superuser(
            "select (select md5(string_agg(r::text, '|' order by id)) from records r),
                    (select count(*) from record_links), (select count(*) from audit_log),
                    (select count(*) from events), (select md5(string_agg(c::text, '|' order by key)) from counters c),
                    (select count(*) from module_fields), (select sum(version) from schema_versions)",
        )
        .await
}
