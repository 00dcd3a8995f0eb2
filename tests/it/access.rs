//! Permissions beyond a role's verbs: teams, shares, fields, conditions of roles, and members.

mod condition;
mod fields;
mod members;
mod shares;
mod teams;

use serde_json::{Value, json};

use crate::kit::{App, Client};

/// Makes a record of contacts; gives its id.
async fn contact(client: &Client, last_name: &str, more: Value) -> String {
    let mut body = json!({"data": {"first_name": "Ana", "last_name": last_name}});
    if let (Value::Object(data), Value::Object(more)) = (&mut body["data"], more) {
        data.extend(more);
    }
    let answer = client.post("/api/v1/records/contacts", &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// Last names of a list, in order.
async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/api/v1/records/contacts?{query}")).await.expect(200).json();
    let records = page["data"].as_array().cloned().unwrap_or_default();
    records.iter().map(|record| record["data"]["last_name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Writes a role over the one with its key, and makes every node see it.
pub async fn role(app: &App, definition: Value) {
    let key = definition["key"].as_str().expect("a key").to_owned();
    let update = format!(
        "with changed as (update roles set definition = '{definition}' where key = '{key}' returning tenant_id)
         update schema_versions set version = version + 1 where tenant_id in (select tenant_id from changed)"
    );
    app.database().as_superuser(&update).await;
}

/// Adds a person with an address and gives them a role and a team.
pub async fn person(app: &App, owner: &Client, name: &str, change: Value) -> Client {
    let email = format!("{name}@{}.example", owner.slug());
    app.add_member(owner.slug(), "worker", &email).await;
    let client = app.sign_in(&email, owner.slug()).await;
    owner.change(&format!("/api/v1/members/{}", client.user()), &change).await.expect(200);
    client
}
