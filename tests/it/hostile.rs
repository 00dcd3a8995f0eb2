//! Input that nobody sends by accident: every one gets a clear, located refusal, leaves nothing behind, and the house
//! goes on serving.

mod body;
mod definition;
mod expression;
mod query;
mod value;

use serde_json::json;

use crate::kit::{Answer, App, Client};
use crate::records::{self, ITEMS, footprint};

/// Asserts that an answer is a refusal that says what is wrong, and where if it lies in a value.
#[track_caller]
fn refused(answer: &Answer, what: &str) {
    let shown: String = what.chars().take(120).collect();
    assert!((400..500).contains(&answer.status), "{shown} gave {}: {}", answer.status, answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json", "{shown}");
    let problem = answer.json();
    let located = problem["errors"].as_array().is_some_and(|errors| {
        errors.iter().all(|error| {
            error["message"].is_string() && (error["pointer"].is_string() || error["parameter"].is_string())
        })
    });
    let told = problem["detail"].is_string() || [404, 401, 415].contains(&answer.status);
    assert!(located || told, "{shown} is told nothing: {problem}");
    assert!(answer.body.len() < 20_000, "{shown} gets {} bytes back", answer.body.len());
}

/// Nothing was written since, and the house still serves.
async fn unharmed(app: &App, owner: &Client, before: &[Vec<Option<String>>]) {
    assert_eq!(footprint(app).await, before);
    records::create(owner, json!({"name": "still here"})).await;
    owner.get(ITEMS).await.expect(200);
}
