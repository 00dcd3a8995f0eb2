//! The same thing done to many records: each for itself, by the same rules as one alone.

use serde_json::{Value, json};

use super::{create_many, job, work_off};
use crate::kit::Client;
use crate::records::{ITEMS, add_field, at, count, create, id, starter};

async fn bulk(client: &Client, body: Value) -> Value {
    client.post(&format!("{ITEMS}/bulk"), &body).await.expect(200).json()
}

fn statuses(answer: &Value) -> Vec<i64> {
    let results = answer["results"].as_array().expect("results");
    results.iter().map(|result| result["status"].as_i64().expect("a status")).collect()
}

#[tokio::test]
async fn what_is_refused_of_one_is_not_refused_of_the_others() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    let items = json!([{"data": {"name": "a", "serial": "1"}}, {"data": {"serial": "2"}}, {"data": {"name": "b", "serial": "1"}},
        {"data": {"name": "c"}, "stage": "nowhere"}, {"data": {"name": "d"}}]);
    let answer = bulk(&owner, json!({"action": "create", "items": items})).await;
    assert_eq!(statuses(&answer), [201, 422, 422, 422, 201], "{answer}");
    assert_eq!([&answer["succeeded"], &answer["failed"]], [2, 3]);
    let pointers: Vec<&Value> =
        [1, 2, 3].map(|n| &answer["results"][n]["problem"]["errors"][0]["pointer"]).into();
    assert_eq!(pointers, ["/data/name", "/data/serial", "/stage"]);
    let made = |n: usize| answer["results"][n]["id"].clone();
    assert_eq!(
        [count(&app, "records").await, count(&app, "audit_log where action = 'created'").await],
        [2, 2]
    );
    let items = json!([{"id": made(4), "version": 1, "data": {"serial": "1"}}, {"id": made(0), "version": 9, "data": {"name": "x"}},
        {"id": made(4), "data": {"name": "dd"}}, {"data": {"name": "who"}}, {"id": uuid::Uuid::now_v7(), "data": {}}]);
    let answer = bulk(&owner, json!({"action": "update", "items": items})).await;
    assert_eq!(statuses(&answer), [422, 412, 200, 422, 404], "{answer}");
    assert_eq!(answer["results"][1]["problem"]["current_version"], 1);
    assert_eq!(answer["results"][2]["version"], 2);
}

#[tokio::test]
async fn records_are_deleted_restored_and_given_away_together() {
    let (app, owner) = starter("acme").await;
    let worker = app.member(&owner, "worker").await;
    let records = [create(&owner, json!({"name": "a"})).await, create(&owner, json!({"name": "b"})).await];
    let items: Vec<Value> = records.iter().map(|record| json!({"id": id(record)})).collect();
    let given = json!({"action": "assign", "items": items, "patch": {"owner": worker.user()}});
    assert_eq!(statuses(&bulk(&owner, given).await), [200, 200]);
    assert_eq!(owner.get(&at(&records[0])).await.json()["owner"]["id"], worker.user());
    let nobody = json!({"action": "assign", "items": items});
    assert_eq!(statuses(&bulk(&owner, nobody).await), [422, 422]);
    let delete = json!({"action": "delete", "filter": "name in [\"a\", \"b\"]"});
    assert_eq!(statuses(&bulk(&owner, delete.clone()).await), [204, 204]);
    assert_eq!(bulk(&owner, delete).await["results"], json!([]));
    let restore = json!({"action": "restore", "filter": "name == \"b\""});
    assert_eq!(statuses(&bulk(&owner, restore).await), [200]);
    assert_eq!(count(&app, "records where deleted_at is null").await, 1);
}

#[tokio::test]
async fn many_records_of_a_filter_become_a_job_that_keeps_its_refusals() {
    let (app, owner) = starter("acme").await;
    create_many(&owner, 620).await.expect(202);
    work_off(&app).await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    let order = json!({"action": "update", "filter": "name starts_with \"item\"", "patch": {"data": {"serial": "same"}}});
    let queued = owner.post(&format!("{ITEMS}/bulk"), &order).await.expect(202);
    assert_eq!(queued.json()["progress"]["total"], 620);
    work_off(&app).await;
    let done = job(&owner, &queued).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!([&done["result"]["succeeded"], &done["result"]["failed"]], [1, 619]);
    let failures = done["result"]["failures"].as_array().expect("failures");
    assert_eq!(failures.len(), 619);
    assert_eq!(failures[0]["problem"]["errors"][0]["pointer"], "/data/serial");
    assert_eq!(failures[0]["index"], 1);
    assert_eq!(count(&app, "records where version = 2").await, 1);
}

#[tokio::test]
async fn nobody_does_to_many_what_they_may_not_do_to_one() {
    let (app, owner) = starter("acme").await;
    let hers = create(&owner, json!({"name": "hers"})).await;
    let definition = json!({"key": "worker", "label": "Worker",
        "modules": {"items": {"read": "own", "create": "own", "update": "own"}}});
    let role = format!("update roles set definition = '{definition}' where key = 'worker'");
    app.database().as_superuser(&role).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    let worker = app.member(&owner, "worker").await;
    let own = create(&worker, json!({"name": "own"})).await;
    let items = json!([{"id": id(&own), "data": {"name": "x"}}, {"id": id(&hers), "data": {"name": "x"}}]);
    let answer = bulk(&worker, json!({"action": "update", "items": items})).await;
    assert_eq!(statuses(&answer), [200, 404], "{answer}");
    let filter = json!({"action": "update", "filter": "name is not empty", "patch": {"data": {"name": "y"}}});
    assert_eq!(statuses(&bulk(&worker, filter).await), [200], "a filter finds what may be read");
    let given = json!({"action": "assign", "items": [{"id": id(&own)}], "patch": {"owner": owner.user()}});
    assert_eq!(bulk(&worker, given).await["results"][0]["problem"]["errors"][0]["code"], "denied");
    for action in ["delete", "restore"] {
        let order = json!({"action": action, "items": [{"id": id(&own)}]});
        worker.post(&format!("{ITEMS}/bulk"), &order).await.expect_problem(403, "forbidden");
    }
    assert_eq!(owner.get(&at(&hers)).await.json()["version"], 1);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused_at_its_place() {
    let (_app, owner) = starter("acme").await;
    let path = format!("{ITEMS}/bulk");
    for (body, pointer) in [
        (json!({"action": "update"}), "/items"),
        (json!({"action": "create", "filter": "name is empty"}), "/filter"),
        (json!({"action": "delete", "filter": "name is empty", "items": [{}]}), "/filter"),
        (json!({"action": "delete", "filter": "nome is empty"}), "/filter"),
        (json!({"action": "explode", "items": [{}]}), "/action"),
        (json!({"action": "delete", "items": [{"ident": 1}]}), "/items/0/ident"),
    ] {
        let answer = owner.post(&path, &body).await.expect(422);
        assert_eq!(answer.pointers(), [pointer], "{}", answer.text());
    }
}
