//! Pipelines added, changed and taken away: at once everywhere, and no record is lost on the way.

use serde_json::{Value, json};

use super::{PROGRESS, add_second, gate, item, patch_any, remove, to};
use crate::kit::{App, Client};
use crate::records::{ITEMS, at, create, starter};

async fn schema_version(app: &App) -> Option<String> {
    app.database().as_superuser("select version from schema_versions").await[0][0].clone()
}

async fn audited(app: &App) -> Vec<String> {
    let statement = "select action from audit_log where action like 'pipeline%' order by id";
    app.database().as_superuser(statement).await.into_iter().filter_map(|row| row[0].clone()).collect()
}

async fn stage_of(client: &Client, record: &Value) -> (String, String) {
    let now = client.get(&at(record)).await.expect(200).json();
    (now["pipeline"].as_str().unwrap_or("-").into(), now["stage"].as_str().unwrap_or("-").into())
}

fn pair(pipeline: &str, stage: &str) -> (String, String) {
    (pipeline.to_owned(), stage.to_owned())
}

#[tokio::test]
async fn a_change_is_seen_at_once_everywhere_and_audited_once() {
    let (app, owner) = starter("acme").await;
    let other = app.beside().await;
    let elsewhere = owner.through(&other);
    elsewhere.get(PROGRESS).await.expect(200);
    let before: i64 = schema_version(&app).await.and_then(|text| text.parse().ok()).expect("a version");
    add_second(&owner).await;
    let after = schema_version(&app).await.and_then(|text| text.parse::<i64>().ok());
    assert_eq!(after, Some(before + 1));
    let body = json!({"data": {"name": "a"}, "pipeline": "second"});
    elsewhere.post(ITEMS, &body).await.expect(201);
    patch_any(&owner, "/api/v1/pipelines/second", &json!({"default": true})).await.expect(200);
    assert_eq!(schema_version(&app).await.and_then(|text| text.parse::<i64>().ok()), Some(before + 2));
    let new = elsewhere.post(ITEMS, &json!({"data": {"name": "b"}})).await.expect(201).json();
    assert_eq!((&new["pipeline"], &new["stage"]), (&json!("second"), &json!("to_do")));
    assert_eq!(audited(&app).await, ["pipeline_added", "pipeline_changed"]);
    let listed = owner.get("/api/v1/pipelines").await.expect(200).json();
    let keys: Vec<_> = listed["data"].as_array().expect("pipelines").iter().map(|it| &it["key"]).collect();
    assert_eq!(keys, ["second", "progress"], "the default one first");
    let described = owner.get("/api/v1/openapi.json").await.expect(200).json();
    let stage = &described["components"]["schemas"]["Items"]["properties"]["stage"]["enum"];
    assert_eq!(*stage, json!(["to_do", "doing", "done", "in_progress", "dropped"]));
}

#[tokio::test]
async fn a_stage_in_use_goes_away_only_when_its_records_have_a_place() {
    let (app, owner) = starter("acme").await;
    gate(&owner, json!({"done": {"required": ["due_on"]}})).await.expect(200);
    let (one, two) = (item(&owner, "in_progress").await, item(&owner, "in_progress").await);
    remove(&owner, &at(&two)).await.expect(204);
    let path = format!("{PROGRESS}/stages/in_progress");
    let refused = remove(&owner, &path).await.expect_problem(409, "in-use");
    assert!(refused.text().contains("Records are in it: 2."), "{}", refused.text());
    let nowhere = remove(&owner, &format!("{path}?move_to=in_progress")).await.expect(422);
    assert!(nowhere.text().contains("progress.to_do"), "{}", nowhere.text());
    // Views that name the stage are changed first.
    let named =
        remove(&owner, &format!("{path}?move_to=done")).await.expect_problem(422, "invalid-definition");
    assert!(named.text().contains("The view Open asks for"), "{}", named.text());
    assert_eq!(stage_of(&owner, &one).await, pair("progress", "in_progress"), "nothing has moved");
    app.database()
        .as_superuser("update modules set definition = jsonb_set(definition, '{views}', '[]')")
        .await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    let left = remove(&owner, &format!("{path}?move_to=done")).await.expect(200).json();
    assert_eq!(left["stages"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        stage_of(&owner, &one).await,
        pair("progress", "done"),
        "the stage goes away, so no gate is asked"
    );
    let restored = owner.post(&format!("{}/restore", at(&two)), &json!({})).await.expect(200).json();
    assert_eq!(restored["stage"], "done", "what lies in the trash has moved too");
    let ways = owner.get(&format!("{}/stages", at(&one))).await.expect(200).json();
    assert_eq!(ways["data"][1]["stage"]["label"], "In progress", "history keeps the name of what is gone");
    let history = owner.get(&format!("{}/history", at(&one))).await.expect(200).json();
    assert_eq!(history["data"][0]["changes"]["stage"], json!({"from": "in_progress", "to": "done"}));
}

#[tokio::test]
async fn a_stage_number_is_never_given_twice() {
    let (app, owner) = starter("acme").await;
    let stages = owner.get(PROGRESS).await.expect(200).json()["stages"].clone();
    let mut more = stages.clone();
    more.as_array_mut().expect("stages").push(json!({"key": "extra", "label": "Extra"}));
    patch_any(&owner, PROGRESS, &json!({ "stages": more })).await.expect(200);
    remove(&owner, &format!("{PROGRESS}/stages/extra")).await.expect(200);
    let mut again = stages;
    again.as_array_mut().expect("stages").push(json!({"key": "other", "label": "Other", "number": 5}));
    let now = patch_any(&owner, PROGRESS, &json!({ "stages": again })).await.expect(200).json();
    assert_eq!(now["stages"][4]["number"], 6, "what an author gives does not count");
    drop(app);
}

#[tokio::test]
async fn a_pipeline_goes_away_with_its_records_elsewhere() {
    let (_app, owner) = starter("acme").await;
    add_second(&owner).await;
    let body = json!({"data": {"name": "a"}, "pipeline": "second", "stage": "doing"});
    let record = owner.post(ITEMS, &body).await.expect(201).json();
    let default = remove(&owner, PROGRESS).await.expect(422);
    assert!(default.text().contains("make another one the default first"), "{}", default.text());
    remove(&owner, "/api/v1/pipelines/second").await.expect_problem(409, "in-use");
    remove(&owner, "/api/v1/pipelines/second?move_to=progress.dropped").await.expect(204);
    assert_eq!(stage_of(&owner, &record).await, pair("progress", "dropped"));
    owner.get("/api/v1/pipelines/second").await.expect_problem(404, "not-found");
    remove(&owner, "/api/v1/pipelines/second").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn the_first_pipeline_of_a_module_takes_its_records_in() {
    let app = App::start().await;
    let owner = app.sign_up_with("corp", "corporate", false).await;
    let campaign = owner
        .post(
            "/api/v1/records/campaigns",
            &json!({"data": {"name": "Spring fair", "campaign_type": "email"}}),
        )
        .await;
    let campaign = campaign.expect(201).json();
    assert_eq!((&campaign["pipeline"], &campaign["stage"]), (&Value::Null, &Value::Null));
    owner.get("/api/v1/records/campaigns/board").await.expect_problem(422, "invalid-query");
    let body = json!({"key": "run", "module": "campaigns", "label": "Run",
        "stages": [{"key": "idea", "label": "Idea"}, {"key": "over", "label": "Over", "category": "won"}]});
    let added = owner.post("/api/v1/pipelines", &body).await.expect(201).json();
    assert_eq!(added["default"], true);
    let path = format!("/api/v1/records/campaigns/{}", campaign["id"].as_str().expect("an id"));
    let now = owner.get(&path).await.expect(200).json();
    assert_eq!((&now["pipeline"], &now["stage"]), (&json!("run"), &json!("idea")));
    let board = owner.get("/api/v1/records/campaigns/board").await.expect(200).json();
    assert_eq!(board["stages"][0]["count"]["value"], 1);
    let ways = owner.get(&format!("{path}/stages")).await.expect(200).json();
    assert_eq!(ways["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_definition_is_judged_as_a_whole() {
    let (_app, owner) = starter("acme").await;
    let body =
        json!({"key": "progress", "module": "items", "label": "x", "stages": [{"key": "a", "label": "A"}]});
    owner.post("/api/v1/pipelines", &body).await.expect_problem(409, "conflict");
    let body = json!({"key": "Bad", "module": "items", "label": "", "amount": "name", "reopen": ["nobodies"],
        "lost_reasons": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}],
        "stages": [
            {"key": "a", "label": "A", "category": "won", "required": ["nmae"], "next": ["b", "progress.dun", "x.y"]},
            {"key": "a", "label": "A", "roles": ["boss"], "enter_when": "stage == \"a\"", "leave_when": "amount"}]});
    let answer = owner.post("/api/v1/pipelines", &body).await.expect_problem(422, "invalid-definition");
    let wanted = [
        "/key",
        "/label",
        "/stages/0/category",
        "/stages/1/key",
        "/lost_reasons/1/key",
        "/reopen/0",
        "/amount",
        "/stages/0/required/0",
        "/stages/0/next/0",
        "/stages/0/next/1",
        "/stages/0/next/2",
        "/stages/1/enter_when",
        "/stages/1/leave_when",
        "/stages/1/roles/0",
    ];
    assert_eq!(answer.pointers(), wanted, "{}", answer.text());
    assert!(answer.text().contains("did you mean 'name'?"), "{}", answer.text());
    let unknown = patch_any(&owner, PROGRESS, &json!({"colour": "red"})).await.expect(422);
    assert!(unknown.text().contains("colour"), "{}", unknown.text());
    for patch in
        [json!({"key": "x"}), json!({"default": false}), json!({"stages": []}), json!({"stages": null})]
    {
        patch_any(&owner, PROGRESS, &patch).await.expect_problem(422, "invalid-definition");
    }
    let module =
        json!({"key": "x", "module": "nowhere", "label": "x", "stages": [{"key": "a", "label": "A"}]});
    assert_eq!(owner.post("/api/v1/pipelines", &module).await.expect(422).pointers(), ["/module"]);
}

#[tokio::test]
async fn only_who_manages_the_schema_changes_pipelines() {
    let (app, owner) = starter("acme").await;
    let worker = app.member(&owner, "worker").await;
    worker.get(PROGRESS).await.expect(200);
    let second = json!({"key": "x", "module": "items", "label": "x", "stages": [{"key": "a", "label": "A"}]});
    worker.post("/api/v1/pipelines", &second).await.expect_problem(403, "forbidden");
    patch_any(&worker, PROGRESS, &json!({"label": "Mine"})).await.expect_problem(403, "forbidden");
    remove(&worker, PROGRESS).await.expect_problem(403, "forbidden");
    remove(&worker, &format!("{PROGRESS}/stages/done")).await.expect_problem(403, "forbidden");
    // Who may not read the module does not learn of its pipelines.
    let corporate = app.sign_up_with("corp", "corporate", false).await;
    let support = app.member(&corporate, "support").await;
    support.get("/api/v1/pipelines/sales").await.expect_problem(404, "not-found");
    let seen = support.get("/api/v1/pipelines").await.expect(200).text();
    assert!(seen.contains("\"case\"") && !seen.contains("\"sales\""), "{seen}");
}

#[tokio::test]
async fn a_condition_whose_field_is_gone_lets_nothing_through() {
    let (app, owner) = starter("acme").await;
    gate(&owner, json!({"done": {"enter_when": "is_empty(notes)"}})).await.expect(200);
    let record = create(&owner, json!({"name": "a"})).await;
    app.database().as_superuser("update module_fields set retired_at = now() where key = 'notes'").await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    assert_eq!(to(&owner, &record, "done").await.expect(422).pointers(), ["/stage"]);
    to(&owner, &record, "dropped").await.expect(200);
}
