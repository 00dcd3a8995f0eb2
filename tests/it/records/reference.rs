//! What records point to: other records, members, owners, stages.

use serde_json::{Value, json};

use super::{ITEMS, add_field, at, count, create, footprint, id, patch, starter};
use crate::kit::App;

const NOWHERE: &str = "019bc000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_relation_leads_to_a_record_of_its_module() {
    let app = App::start().await;
    let owner = app.sign_up_with("clinic", "hospital", false).await;
    let stranger = app.sign_up_with("other", "hospital", false).await;
    let add = async |client: &crate::kit::Client, module: &str, data: Value| {
        client.post(&format!("/api/v1/records/{module}"), &json!({ "data": data })).await.expect(201).json()
    };
    let field = json!({"key": "sister", "label": "Sister", "type": "relation", "module": "departments"});
    owner.post("/api/v1/modules/departments/fields", &field).await.expect(201);
    let department = add(&owner, "departments", json!({"name": "Cardiology", "code": "CARD"})).await;
    let foreign = add(&stranger, "departments", json!({"name": "Cardiology", "code": "CARD"})).await;
    let trashed = add(&owner, "departments", json!({"name": "Gone", "code": "GONE"})).await;
    owner.delete(&format!("/api/v1/records/departments/{}", id(&trashed)), 1).await.expect(204);
    let ward = add(
        &owner,
        "wards",
        json!({"name": "West", "code": "W1", "kind": "general", "department": id(&department)}),
    )
    .await;

    let before = footprint(&app).await;
    for target in [NOWHERE, id(&ward), id(&foreign), id(&trashed)] {
        let body = json!({"data": {"name": "New", "code": "NEW", "sister": target}});
        let answer = owner.post("/api/v1/records/departments", &body).await;
        let answer = answer.expect_problem(422, "invalid-record");
        assert_eq!(answer.pointers(), ["/data/sister"]);
        assert_eq!(answer.json()["errors"][0]["message"], "There is no such department.", "all look alike");
    }
    assert_eq!(footprint(&app).await, before, "a refused record leaves nothing");
}

#[tokio::test]
async fn links_follow_relations() {
    let (app, owner) = starter("acme").await;
    add_field(
        &owner,
        json!({"key": "part_of", "label": "Part of", "type": "relation", "module": "items", "cycles": true}),
    )
    .await;
    let (a, b) = (create(&owner, json!({"name": "a"})).await, create(&owner, json!({"name": "b"})).await);
    let part = create(&owner, json!({"name": "part", "part_of": id(&a)})).await;
    let target = async || app.database().as_superuser("select to_id from record_links").await;
    assert_eq!(target().await, [[Some(id(&a).to_owned())]]);
    let part = patch(&owner, &part, json!({"data": {"part_of": id(&b)}})).await.expect(200).json();
    assert_eq!(target().await, [[Some(id(&b).to_owned())]]);
    let part = patch(&owner, &part, json!({"data": {"part_of": id(&part)}})).await.expect(200).json();
    assert_eq!(part["data"]["part_of"]["id"], part["id"], "a record may point to itself");
    patch(&owner, &part, json!({"data": {"part_of": null}})).await.expect(200);
    assert_eq!(count(&app, "record_links").await, 0);
    assert_eq!(owner.get(&at(&b)).await.json()["version"], 1, "what is pointed to does not change");
}

#[tokio::test]
async fn members_are_people_of_the_workspace() {
    let (app, owner) = starter("acme").await;
    let stranger = app.sign_up("other").await;
    let worker = app.member(&owner, "worker").await;
    let record = create(&owner, json!({"name": "a", "assignee": worker.user()})).await;
    assert_eq!(record["data"]["assignee"]["name"], "Willem worker");
    for nobody in [NOWHERE, stranger.user()] {
        let answer =
            owner.post(ITEMS, &json!({"data": {"name": "a", "assignee": nobody}, "owner": nobody})).await;
        assert_eq!(answer.expect_problem(422, "invalid-record").pointers(), ["/owner", "/data/assignee"]);
    }
    app.database().as_superuser("update memberships set active = false where role = 'worker'").await;
    let changed = patch(&owner, &record, json!({"data": {"name": "b", "assignee": worker.user()}})).await;
    assert_eq!(
        changed.expect(200).json()["data"]["assignee"]["name"],
        "Willem worker",
        "a former one may stay"
    );
    owner.post(ITEMS, &json!({"data": {"name": "a", "assignee": worker.user()}})).await.expect(422);
}

#[tokio::test]
async fn owners_change_hands_as_roles_allow() {
    let (app, owner) = starter("acme").await;
    let worker = app.member(&owner, "worker").await;
    let mine = create(&worker, json!({"name": "mine"})).await;
    assert_eq!(mine["owner"]["id"], worker.user());
    let given = patch(&worker, &mine, json!({"owner": owner.user()})).await;
    assert_eq!(given.expect_problem(422, "invalid-record").pointers(), ["/owner"]);
    let dropped = patch(&worker, &mine, json!({"owner": null})).await;
    assert_eq!(dropped.expect(422).pointers(), ["/owner"]);
    worker.post(ITEMS, &json!({"data": {"name": "x"}, "owner": owner.user()})).await.expect(422);

    let theirs = create(&owner, json!({"name": "theirs"})).await;
    worker.get(&at(&theirs)).await.expect(404);
    patch(&worker, &theirs, json!({"data": {"name": "x"}})).await.expect(404);
    worker.delete(&at(&theirs), 1).await.expect(404);
    assert_eq!(worker.get(ITEMS).await.json()["count"], json!({"value": 1, "exact": true}));

    let taken = patch(&owner, &mine, json!({"owner": owner.user()})).await.expect(200).json();
    assert_eq!(taken["owner"]["id"], owner.user());
    worker.get(&at(&mine)).await.expect(404);
    let guest = app.member(&owner, "read_only").await;
    assert_eq!(
        guest.get(&at(&mine)).await.expect(200).json()["can"],
        json!({"update": false, "delete": false})
    );
    patch(&guest, &taken, json!({"data": {"name": "x"}})).await.expect_problem(403, "forbidden");
    guest.delete(&at(&mine), 2).await.expect_problem(403, "forbidden");
    guest.post(ITEMS, &json!({"data": {"name": "x"}})).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn stages_are_those_of_the_pipeline() {
    let (app, owner) = starter("acme").await;
    let record = owner.post(ITEMS, &json!({"data": {"name": "a"}, "stage": "done"})).await.expect(201).json();
    assert_eq!(record["stage"], "done");
    let moved = patch(&owner, &record, json!({"stage": "dropped"})).await.expect(200).json();
    assert_eq!(moved["stage"], "dropped");
    let before = footprint(&app).await;
    let answer = patch(&owner, &moved, json!({"stage": "lost"})).await;
    assert_eq!(answer.expect_problem(422, "invalid-record").pointers(), ["/stage"]);
    owner.post(ITEMS, &json!({"data": {"name": "a"}, "stage": ""})).await.expect(422);
    assert_eq!(footprint(&app).await, before);
}
