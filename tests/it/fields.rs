//! Fields in use: values of every type on every way in and out, options that change, and types that change.

mod conversion;
mod normal;
mod options;
mod rules;
mod types;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::kit::Client;
use crate::records::ITEMS;

/// Titles of the items that a filter keeps, in the order of a sort.
async fn titles(client: &Client, filter: &str, sort: &str) -> Vec<String> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let page = client.get(&format!("{ITEMS}?filter={}&sort={}", encoded(filter), encoded(sort))).await;
    let page = page.expect(200).json();
    let records = page["data"].as_array().expect("records");
    records.iter().map(|record| record["title"].as_str().expect("a title").to_owned()).collect()
}

/// The field of the starter module as the API shows it.
async fn field(client: &Client, key: &str) -> Value {
    let fields = client.get("/api/v1/modules/items/fields").await.expect(200).json();
    let fields = fields["data"].as_array().cloned().unwrap_or_default();
    fields.into_iter().find(|field| field["key"] == key).expect("there is such a field")
}
