//! Two processes of the program on one database: what one is told, the other obeys with its next request.

use serde_json::{Value, json};

use crate::kit::{Database, PASSWORD, Process};

const ITEMS: &str = "/t/acme/api/v1/records/items";
const FIELDS: &str = "/t/acme/api/v1/modules/items/fields";
const ROUNDS: usize = 10;

fn two(database: &Database) -> (Process, Process) {
    let first = Process::serve(database);
    let body = json!({"name": "Olga Owner", "email": "owner@acme.example", "password": PASSWORD,
        "company": "Acme", "slug": "acme"});
    let (status, session) = first.post("/api/v1/signup", &body);
    assert_eq!(status, 201, "{session}");
    let token = session["access_token"].as_str().expect("an access token");
    let first = first.with_token(token);
    let template = first.post("/t/acme/api/v1/workspace/template", &json!({"template": "blank"}));
    assert_eq!(template.0, 201, "{}", template.1);
    let second = Process::serve(database).with_token(token);
    (first, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_added_in_one_process_is_obeyed_by_the_other_at_once() {
    let database = Database::create().await;
    let steps = move || {
        let (first, second) = two(&database);
        assert_ne!(first.id(), second.id());
        for round in 0..ROUNDS {
            let (adding, other) = if round % 2 == 0 { (&first, &second) } else { (&second, &first) };
            // The other has the schema of this moment in its cache.
            assert_eq!(other.post(ITEMS, &json!({"data": known(round)})).0, 201);
            let key = format!("f{round}");
            let field = json!({"key": key, "label": key, "type": "text", "required": true});
            assert_eq!(adding.post(FIELDS, &field).0, 201);
            assert_is_obeyed(other, &key, round);
        }
    };
    tokio::task::spawn_blocking(steps).await.expect("every step holds");
}

/// The very next write, read, list and module listing know the field.
fn assert_is_obeyed(other: &Process, key: &str, round: usize) {
    let (status, problem) = other.post(ITEMS, &json!({"data": known(round)}));
    assert_eq!(status, 422, "a record without the required field: {problem}");
    assert_eq!(problem["errors"][0]["pointer"], format!("/data/{key}"));
    let (status, record) = other.post(ITEMS, &json!({"data": known(round + 1)}));
    assert_eq!(status, 201, "{record}");
    assert_eq!(record["data"][key], "v");
    let (status, page) = other.get(&format!("{ITEMS}?filter={key}%20is%20not%20empty&sort=-{key}"));
    assert_eq!((status, page["data"].as_array().map(Vec::len)), (200, Some(1)), "{page}");
    let (_, module) = other.get("/t/acme/api/v1/modules/items");
    let fields = module["fields"].as_array().cloned().unwrap_or_default();
    assert!(fields.iter().any(|field| field["key"] == key), "{module}");
}

/// Values for the fields of the rounds before this one.
fn known(round: usize) -> Value {
    let given = (0..round).map(|n| (format!("f{n}"), json!("v")));
    Value::Object(given.chain([("name".to_owned(), json!("x"))]).collect())
}
