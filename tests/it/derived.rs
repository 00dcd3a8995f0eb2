//! Values that follow from others: formulas, lookups and roll-ups, right whatever is done and by whom.

mod cost;
mod formula;
mod random;
mod relations;

use serde_json::{Value, json};
use trellis::cli::repair::{self, RepairCommand};

use crate::kit::{App, Client};

/// The record as it is now.
pub async fn now(owner: &Client, record: &Value) -> Value {
    owner.get(&path(record)).await.expect(200).json()
}

/// The address of a record.
pub fn path(record: &Value) -> String {
    let part = |key: &str| record[key].as_str().expect("a record").to_owned();
    format!("/api/v1/records/{}/{}", part("module"), part("id"))
}

/// Adds a field to a module.
pub async fn add_field(owner: &Client, module: &str, definition: Value) -> crate::kit::Answer {
    owner.post(&format!("/api/v1/modules/{module}/fields"), &definition).await
}

/// Creates a record.
pub async fn create(owner: &Client, module: &str, data: Value) -> Value {
    owner.post(&format!("/api/v1/records/{module}"), &json!({ "data": data })).await.expect(201).json()
}

/// What `trellis repair` says of a workspace.
pub async fn repair(app: &App, slug: &str, check: bool) -> String {
    let state = app.state();
    let command = RepairCommand { tenant: slug.to_owned(), module: None, check, after: None };
    let mut out = Vec::new();
    repair::run(&state.db, &state.caches, &state.clock, &command, &mut out).await.expect("a repair");
    String::from_utf8(out).expect("text")
}

/// Fails where a value of a workspace is not what it follows from.
pub async fn expect_right(app: &App, slug: &str) {
    let found = repair(app, slug, true).await;
    assert!(found.lines().all(|line| line.ends_with(" 0 values wrong")), "{found}");
}

/// Does what is left to the worker.
pub async fn catch_up(app: &App) -> usize {
    let state = app.state();
    let mut batches = 0;
    loop {
        match trellis::worker::catch_up(&state.db, &state.caches, &state.clock).await.expect("the worker") {
            0 => return batches,
            done => batches += done,
        }
    }
}
