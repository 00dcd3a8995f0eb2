//! Teams as a tree, and what a scope of team reaches.

use serde_json::json;

use super::{contact, names, person};
use crate::kit::{App, Client};

async fn team(owner: &Client, key: &str, parent: Option<&str>) {
    let body = json!({"key": key, "name": key.to_uppercase(), "parent": parent});
    owner.post("/api/v1/teams", &body).await.expect(201);
}

#[tokio::test]
async fn a_manager_sees_what_the_teams_beneath_own_and_a_member_what_the_team_owns() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    team(&owner, "north", None).await;
    team(&owner, "coast", Some("north")).await;
    team(&owner, "south", None).await;
    let lead = person(&app, &owner, "lead", json!({"role": "team_lead"})).await;
    owner.change("/api/v1/teams/north", &json!({"manager": lead.user()})).await.expect(200);
    let coast = person(&app, &owner, "coast", json!({"team": "coast", "role": "team_lead"})).await;
    let other = person(&app, &owner, "mate", json!({"team": "coast"})).await;
    let south = person(&app, &owner, "south", json!({"team": "south"})).await;
    for (client, name) in [(&coast, "Coast"), (&other, "Mate"), (&south, "South"), (&lead, "Lead")] {
        contact(client, name, json!({})).await;
    }
    assert_eq!(names(&lead, "sort=title").await, ["Coast", "Lead", "Mate"]);
    assert_eq!(
        names(&lead, "").await,
        ["Lead", "Mate", "Coast"],
        "newest first, merged of one walk an owner"
    );
    assert_eq!(names(&coast, "sort=title").await, ["Coast", "Mate"], "a team mate's, not the manager's");
    assert_eq!(names(&other, "").await, ["Mate"], "the role says own");
    assert_eq!(names(&lead, "q=south").await, Vec::<String>::new());
    // Moving the team away takes its records out of sight at once.
    owner.change("/api/v1/teams/coast", &json!({"parent": null})).await.expect(200);
    assert_eq!(names(&lead, "").await, ["Lead"]);
}

#[tokio::test]
async fn pages_of_a_team_s_list_hold_every_record_once() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    team(&owner, "north", None).await;
    let lead = person(&app, &owner, "lead", json!({"role": "team_lead", "team": "north"})).await;
    let mate = person(&app, &owner, "mate", json!({"team": "north"})).await;
    for n in 0..7 {
        contact(if n % 3 == 0 { &lead } else { &mate }, &format!("Person {n}"), json!({})).await;
        contact(&owner, &format!("Hidden {n}"), json!({})).await;
    }
    for sort in ["", "sort=created_at&", "sort=-title&", "sort=last_name&"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/records/contacts?{sort}limit=2&count=exact{cursor}");
            let page = lead.get(&path).await.expect(200).json();
            let records = page["data"].as_array().cloned().unwrap_or_default();
            seen.extend(
                records
                    .iter()
                    .map(|record| record["data"]["last_name"].as_str().unwrap_or_default().to_owned()),
            );
            assert_eq!(page["count"], json!({"value": 7, "exact": true}));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut expected: Vec<String> = (0..7).map(|n| format!("Person {n}")).collect();
        if sort.is_empty() || sort.starts_with("sort=-") {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

#[tokio::test]
async fn teams_form_a_tree_and_go_when_they_are_empty() {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    team(&owner, "north", None).await;
    team(&owner, "coast", Some("north")).await;
    owner
        .post("/api/v1/teams", &json!({"key": "north", "name": "Twice"}))
        .await
        .expect_problem(409, "conflict");
    let circle = owner.change("/api/v1/teams/north", &json!({"parent": "coast"})).await;
    assert_eq!(circle.expect(422).pointers(), ["/parent"]);
    let bad = json!({"key": "North!", "name": "", "parent": "west", "manager": "019bc000-0000-7000-8000-000000000000"});
    let refused = owner.post("/api/v1/teams", &bad).await.expect(422);
    assert_eq!(refused.pointers(), ["/key", "/name", "/parent", "/manager"]);
    owner.remove("/api/v1/teams/north").await.expect_problem(409, "conflict");
    let mate = person(&app, &owner, "mate", json!({"team": "coast"})).await;
    owner.remove("/api/v1/teams/coast").await.expect_problem(409, "conflict");
    let worker = mate.post("/api/v1/teams", &json!({"key": "own", "name": "Own"})).await;
    worker.expect_problem(403, "forbidden");
    owner.change(&format!("/api/v1/members/{}", mate.user()), &json!({"team": null})).await.expect(200);
    owner.remove("/api/v1/teams/coast").await.expect(204);
    owner.remove("/api/v1/teams/coast").await.expect(404);
    let left = mate.get("/api/v1/teams").await.expect(200).json();
    assert_eq!(left["data"].as_array().map(Vec::len), Some(1));
}
