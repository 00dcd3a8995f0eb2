//! What of another tenant fits into the bodies of operations around records.

use serde_json::{Value, json};

use super::api::Swap;
use super::routes::Operation;
use super::world::{Module, World};

/// Bodies of an operation around records, each with something of another tenant; None for other operations.
pub fn in_body(world: &World, operation: &Operation, module: &Module, own: &str) -> Option<Vec<Swap>> {
    let swap = |(body, theirs): (Value, String)| Swap { path: own.to_owned(), body: Some(body), theirs };
    let user = world.twins.b.owner.user().to_owned();
    let bodies = match operation.route().as_str() {
        "POST /api/v1/tasks" => vec![
            (json!({"title": "x", "record": module.theirs}), module.theirs.clone()),
            (json!({"title": "x", "assignee": user}), user),
        ],
        "POST /api/v1/records/{module}/{id}/comments" => {
            vec![(json!({"body": format!("Hello @[{user}]")}), user)]
        }
        "POST /api/v1/records/{module}/{id}/files" => {
            let theirs = world.their_file().to_owned();
            vec![(json!({"files": [theirs]}), theirs)]
        }
        "POST /api/v1/records/{module}/{id}/activities" => {
            let theirs = world.their_entry.clone();
            vec![(json!({"kind": "note", "subject": "x", "corrects": theirs}), theirs)]
        }
        // Words of what the path names; the contents of a file; a view that names fields.
        "PATCH /api/v1/tasks/{id}"
        | "PATCH /api/v1/comments/{id}"
        | "PATCH /api/v1/views/{id}"
        | "POST /api/v1/modules/{module}/views"
        | "POST /api/v1/files" => Vec::new(),
        _ => return None,
    };
    Some(bodies.into_iter().map(swap).collect())
}

/// A body that would do something if the path led somewhere.
pub fn body(operation: &Operation) -> Value {
    match operation.route().as_str() {
        "PATCH /api/v1/tasks/{id}" => json!({"title": "x"}),
        "PATCH /api/v1/views/{id}" => json!({"label": "x"}),
        "PATCH /api/v1/comments/{id}" | "POST /api/v1/records/{module}/{id}/comments" => json!({"body": "x"}),
        "POST /api/v1/records/{module}/{id}/activities" => json!({"kind": "note", "subject": "x"}),
        "POST /api/v1/records/{module}/{id}/files" => json!({"files": []}),
        _ => json!({"data": {}}),
    }
}
