//! Gates: required fields, conditions, allowed next stages, roles, reasons, locks; told all at once, on every way in.

use serde_json::json;

use super::{PROGRESS, gate, item, messages, patch_any, to};
use crate::kit::Answer;
use crate::records::{ITEMS, at, create, footprint, starter};

#[tokio::test]
async fn everything_that_keeps_a_record_out_is_told_at_once() {
    let (app, owner) = starter("acme").await;
    let changes = json!({
        "to_do": {"next": ["in_progress"], "leave_when": "priority != \"low\"", "leave_message": "Raise the priority first."},
        "done": {"required": ["due_on", "notes"], "enter_when": "amount > 0"},
    });
    gate(&owner, changes).await.expect(200);
    let chair = create(&owner, json!({"name": "Chair", "priority": "low"})).await;
    let before = footprint(&app).await;
    let answer = to(&owner, &chair, "done").await.expect_problem(422, "invalid-record");
    assert_eq!(answer.pointers(), ["/stage", "/stage", "/stage", "/data/due_on", "/data/notes"]);
    let said = messages(&answer);
    assert_eq!(said[0], "From To do a record moves on to In progress.");
    assert_eq!(said[1], "Raise the priority first.");
    assert_eq!(said[2], "A record enters Done when amount > 0.");
    assert_eq!(said[3], "Done needs Due.");
    assert!(answer.json()["errors"].as_array().expect("errors").iter().all(|error| error["code"] == "gate"));
    assert_eq!(footprint(&app).await, before, "a refused move writes nothing");

    let body = json!({"stage": "in_progress", "data": {"priority": "high"}});
    patch_any(&owner, &at(&chair), &body).await.expect(200);
    let body = json!({"stage": "done", "data": {"due_on": "2026-02-01", "notes": "Oak", "amount": "5"}});
    let done = patch_any(&owner, &at(&chair), &body).await.expect(200).json();
    assert_eq!((&done["pipeline"], &done["stage"]), (&json!("progress"), &json!("done")));
}

#[tokio::test]
async fn a_new_record_meets_the_conditions_of_the_stage_where_it_starts() {
    let (_app, owner) = starter("acme").await;
    let changes = json!({"to_do": {"next": ["in_progress"]}, "done": {"required": ["due_on"]}});
    gate(&owner, changes).await.expect(200);
    let start = |data| json!({"data": data, "stage": "done"});
    let answer = owner.post(ITEMS, &start(json!({"name": "a"}))).await.expect(422);
    assert_eq!(answer.pointers(), ["/data/due_on"]);
    // What comes before does not matter: nothing was there.
    owner.post(ITEMS, &start(json!({"name": "a", "due_on": "2026-03-01"}))).await.expect(201);
}

#[tokio::test]
async fn only_the_named_roles_move_a_record_in() {
    let (app, owner) = starter("acme").await;
    gate(&owner, json!({"done": {"roles": ["manager"]}})).await.expect(200);
    let worker = app.member(&owner, "worker").await;
    let manager = app.member(&owner, "manager").await;
    let own = item(&worker, "to_do").await;
    let answer = to(&worker, &own, "done").await.expect(422);
    assert_eq!(messages(&answer), ["Moving a record into Done takes the role manager."]);
    let sneaky = worker.post(ITEMS, &json!({"data": {"name": "a"}, "stage": "done"})).await;
    assert_eq!(sneaky.expect(422).pointers(), ["/stage"], "nor does a record start there");
    to(&manager, &own, "done").await.expect(200);
    // A write that does not move it asks for no role.
    patch_any(&worker, &at(&own), &json!({"data": {"notes": "Thanks"}, "stage": "done"})).await.expect(200);
    to(&owner, &item(&owner, "to_do").await, "done").await.expect(200);
}

#[tokio::test]
async fn a_lost_stage_asks_for_one_of_the_reasons() {
    let (_app, owner) = starter("acme").await;
    let reasons = json!({"lost_reasons": [{"key": "price", "label": "Too expensive"}]});
    patch_any(&owner, PROGRESS, &reasons).await.expect(200);
    let record = item(&owner, "to_do").await;
    for body in [json!({"stage": "dropped"}), json!({"stage": "dropped", "reason": "because"})] {
        let answer = patch_any(&owner, &at(&record), &body).await.expect(422);
        assert_eq!(answer.pointers(), ["/reason"]);
        assert_eq!(messages(&answer), ["Say why: choose one of price."]);
    }
    patch_any(&owner, &at(&record), &json!({"stage": "dropped", "reason": "price"})).await.expect(200);
    let ways = owner.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    assert_eq!(ways["data"][0]["reason"], json!({"key": "price", "label": "Too expensive"}));
    let too_long = json!({"stage": "done", "reason": "x".repeat(501)});
    assert_eq!(patch_any(&owner, &at(&record), &too_long).await.expect(422).pointers(), ["/reason"]);
    let back = json!({"stage": "done", "reason": " They called back "});
    patch_any(&owner, &at(&record), &back).await.expect(200);
    let ways = owner.get(&format!("{}/stages", at(&record))).await.expect(200).json();
    assert_eq!(ways["data"][0]["reason"], json!({"key": null, "label": "They called back"}));
}

#[tokio::test]
async fn what_is_closed_is_opened_again_only_by_whom_the_policy_names() {
    let (app, owner) = starter("acme").await;
    patch_any(&owner, PROGRESS, &json!({"reopen": ["manager"]})).await.expect(200);
    let worker = app.member(&owner, "worker").await;
    let manager = app.member(&owner, "manager").await;
    let record = item(&worker, "done").await;
    let answer = to(&worker, &record, "to_do").await.expect(422);
    assert_eq!(messages(&answer), ["Opening again what is Done takes the role manager."]);
    to(&worker, &record, "dropped").await.expect(200);
    to(&manager, &record, "to_do").await.expect(200);
    patch_any(&owner, PROGRESS, &json!({"reopen": "nobody"})).await.expect(200);
    let record = item(&owner, "done").await;
    assert_eq!(
        messages(&to(&owner, &record, "to_do").await.expect(422)),
        ["What is Done is not opened again."]
    );
}

#[tokio::test]
async fn a_locking_stage_keeps_records_as_they_are() {
    let (_app, owner) = starter("acme").await;
    let note = json!({"key": "remark", "label": "Remark", "type": "text", "editable_when_locked": true});
    owner.post("/api/v1/modules/items/fields", &note).await.expect(201);
    gate(&owner, json!({"done": {"lock": true}, "dropped": {"required": ["notes"]}})).await.expect(200);
    let record = item(&owner, "done").await;
    let change = |data| json!({ "data": data });
    let answer = patch_any(&owner, &at(&record), &change(json!({"name": "b", "amount": "3"}))).await;
    let answer: Answer = answer.expect(422);
    assert_eq!(answer.pointers(), ["/data/amount", "/data/name"]);
    assert_eq!(messages(&answer)[0], "What is in Done stays as it is.");
    patch_any(&owner, &at(&record), &change(json!({"name": "done"}))).await.expect(200);
    patch_any(&owner, &at(&record), &change(json!({"remark": "seen"}))).await.expect(200);
    super::remove(&owner, &at(&record)).await.expect(422);
    // What the next stage asks for may be filled in on the way, and nothing else.
    let body = json!({"stage": "dropped", "data": {"notes": "Broken", "name": "c"}});
    assert_eq!(patch_any(&owner, &at(&record), &body).await.expect(422).pointers(), ["/data/name"]);
    let body = json!({"stage": "dropped", "data": {"notes": "Broken"}});
    patch_any(&owner, &at(&record), &body).await.expect(200);
    patch_any(&owner, &at(&record), &change(json!({"name": "c"}))).await.expect(200);
}

#[tokio::test]
async fn pages_and_batches_meet_the_same_gates() {
    let (_app, owner) = starter("acme").await;
    gate(&owner, json!({"done": {"required": ["due_on"]}})).await.expect(200);
    let record = item(&owner, "to_do").await;
    let browser = owner.browser().await;
    let path = format!("/m/items/r/{}", crate::records::id(&record));
    let form = [("_version", "1"), ("_stage", "done")];
    let refused = browser.submit(&format!("{path}/stage"), &form).await.expect(422);
    assert!(refused.text().contains("Done needs Due."), "{}", refused.text());
    let edited = browser.submit(&format!("{path}/edit"), &[("_version", "1"), ("_stage", "done")]).await;
    assert!(edited.expect(422).text().contains("Done needs Due."));
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("Stages that are closed now") && page.contains("Done needs Due."), "{page}");
    let all = owner.get(ITEMS).await.expect(200).json();
    assert_eq!(all["data"][0]["stage"], "to_do");
}
