//! Options change: added, named anew, moved, retired; of a field or of a set that fields share.

use axum::http::Method;
use serde_json::{Value, json};

use super::{field, titles};
use crate::kit::{Answer, Client};
use crate::records::{ITEMS, add_field, create, patch, starter};

const SETS: &str = "/api/v1/option-sets";
const PRIORITY: &str = "/api/v1/modules/items/fields/priority/options";

/// Sends a change that has no version.
async fn change(client: &Client, path: &str, body: Value) -> Answer {
    let request = client.request(Method::PATCH, path).header("content-type", "application/json");
    client.app().send(request.body(body.to_string().into()).expect("a request")).await
}

fn option(key: &str, label: &str) -> Value {
    json!({"key": key, "label": label})
}

#[tokio::test]
async fn choices_sort_by_the_order_of_their_options_and_follow_when_it_changes() {
    let (_app, owner) = starter("acme").await;
    let bare = json!({"key": "rank", "label": "Rank", "type": "choice", "sortable": false,
        "options": [option("low", "Low"), option("mid", "Mid"), option("high", "High")]});
    add_field(&owner, bare).await;
    for (name, key) in [("a", "low"), ("b", "high"), ("c", "normal")] {
        let rank = if key == "normal" { "mid" } else { key };
        create(&owner, json!({"name": name, "priority": key, "rank": rank})).await;
    }
    create(&owner, json!({"name": "d", "priority": null})).await;
    assert_eq!(
        titles(&owner, "", "priority,name").await,
        ["b", "c", "a", "d"],
        "as the menu has it, not by key"
    );
    assert_eq!(titles(&owner, "", "rank,name").await, ["a", "c", "b", "d"], "without a slot too");
    let moved = json!({"options": [option("low", "Low"), option("urgent", "Urgent"), option("high", "High"),
        {"key": "normal", "label": "Usual", "color": "teal", "active": false}]});
    let shown = change(&owner, PRIORITY, moved).await.expect(200).json();
    assert_eq!(shown["options"][3]["label"], "Usual");
    assert_eq!(titles(&owner, "", "priority,name").await, ["a", "b", "c", "d"]);
    assert_eq!(titles(&owner, "", "-priority,name").await, ["c", "b", "a", "d"]);
    for (filter, expected) in [
        ("priority == \"high\"", vec!["b"]),
        ("priority in [\"low\", \"normal\"]", vec!["a", "c"]),
        ("priority != \"low\"", vec!["b", "c", "d"]),
        ("priority is empty", vec!["d"]),
        ("priority == \"urgent\"", vec![]),
    ] {
        assert_eq!(titles(&owner, filter, "name").await, expected, "{filter}");
    }
    create(&owner, json!({"name": "e", "priority": "urgent"})).await;
    assert_eq!(titles(&owner, "priority is not empty", "priority").await, ["a", "e", "b", "c"]);
}

#[tokio::test]
async fn a_retired_option_stays_readable_and_is_not_chosen_any_more() {
    let (_app, owner) = starter("acme").await;
    let kept = create(&owner, json!({"name": "kept", "priority": "low"})).await;
    let retired = json!({"options": [option("high", "High"), option("normal", "Normal"),
        {"key": "low", "label": "Low", "active": false}]});
    change(&owner, PRIORITY, retired).await.expect(200);
    let again =
        patch(&owner, &kept, json!({"data": {"name": "Kept", "priority": "low"}})).await.expect(200).json();
    assert_eq!(again["data"]["priority"], "low", "what is there may stay");
    let refused = owner.post(ITEMS, &json!({"data": {"name": "new", "priority": "low"}})).await;
    assert!(refused.expect_problem(422, "invalid-record").text().contains("not offered any more"));
}

#[tokio::test]
async fn options_are_never_taken_away_and_only_schema_managers_change_them() {
    let (app, owner) = starter("acme").await;
    let before = field(&owner, "priority").await;
    for (body, pointer) in [
        (json!({"options": [option("high", "High"), option("low", "Low")]}), "/options"),
        (json!({"options": []}), "/options"),
        (
            json!({"options": [option("high", "High"), option("normal", " "), option("low", "Low")]}),
            "/options/1/label",
        ),
        (
            json!({"options": [option("high", "A"), option("normal", "B"), option("low", "C"), option("low", "D")]}),
            "/options/3/key",
        ),
        (
            json!({"options": [option("high", "A"), option("normal", "B"), option("low", "C"), option("Bad Key", "D")]}),
            "/options/3/key",
        ),
    ] {
        let answer = change(&owner, PRIORITY, body.clone()).await.expect_problem(422, "invalid-definition");
        assert!(answer.pointers().iter().any(|at| at == pointer), "{body}: {}", answer.text());
    }
    let name =
        change(&owner, "/api/v1/modules/items/fields/name/options", json!({"options": [option("a", "A")]}))
            .await;
    assert!(name.expect_problem(422, "invalid-definition").text().contains("has no options"));
    change(&owner, "/api/v1/modules/items/fields/nothing/options", json!({"options": []})).await.expect(404);
    let worker = app.member(&owner, "worker").await;
    let same = json!({"options": before["options"]});
    change(&worker, PRIORITY, same.clone()).await.expect_problem(403, "forbidden");
    worker.post(SETS, &json!({"key": "s", "label": "S", "options": [option("a", "A")]})).await.expect(403);
    assert_eq!(field(&owner, "priority").await, before);
    change(&owner, PRIORITY, same).await.expect(200);
}

#[tokio::test]
async fn fields_that_share_a_set_change_together() {
    let (app, owner) = starter("acme").await;
    let set = json!({"key": "grades", "label": "Grades", "options": [option("a", "A"), option("b", "B")]});
    owner.post(SETS, &set).await.expect(201);
    owner.post(SETS, &set).await.expect_problem(409, "conflict");
    for (key, kind) in [("grade", "choice"), ("grades_seen", "multi_choice")] {
        let shown =
            add_field(&owner, json!({"key": key, "label": key, "type": kind, "option_set": "grades"})).await;
        assert_eq!([&shown["option_set"], &shown["options"][1]["key"]], ["grades", "b"]);
    }
    for (name, grade) in [("x", "b"), ("y", "a")] {
        create(&owner, json!({"name": name, "grade": grade, "grades_seen": ["b", "a"]})).await;
    }
    assert_eq!(titles(&owner, "", "grade").await, ["y", "x"]);
    let turned = json!({"options": [option("b", "Best"), option("a", "A"), option("c", "C")]});
    change(&owner, &format!("{SETS}/grades"), turned).await.expect(200);
    assert_eq!(titles(&owner, "", "grade").await, ["x", "y"], "slots follow the set");
    assert_eq!(field(&owner, "grades_seen").await["options"][0]["label"], "Best");
    create(&owner, json!({"name": "z", "grade": "c"})).await;
    let own = change(&owner, "/api/v1/modules/items/fields/grade/options", json!({"options": []})).await;
    assert!(own.expect(422).text().contains("change them there"));
    let missing = json!({"key": "k", "label": "K", "type": "choice", "option_set": "nothing"});
    let answer = owner.post("/api/v1/modules/items/fields", &missing).await.expect(422);
    assert_eq!(answer.pointers(), ["/option_set"]);
    let other = app.sign_up_with("other", "blank", false).await;
    assert_eq!(other.get(SETS).await.expect(200).json()["data"], json!([]), "sets are a tenant's own");
    other.get(&format!("{SETS}/grades")).await.expect(404);
    change(&other, &format!("{SETS}/grades"), json!({"label": "Mine"})).await.expect(404);
}
