//! What a record's way to the trash does to those that point to it.

use serde_json::json;

use super::{account, add_field, at, change, create, id, now, sales, trash};
use crate::kit::App;

#[tokio::test]
async fn a_record_in_use_stays_and_says_who_uses_it() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (organization, _, deal) = account(&owner, "Lakeshore").await;
    let refusal = trash(&owner, &organization).await.expect_problem(409, "in-use");
    let detail = refusal.json()["detail"].as_str().expect("a detail").to_owned();
    assert!(detail.contains("1 deal (“Lakeshore roll-out”)"), "{detail}");
    trash(&owner, &deal).await.expect(204);
    trash(&owner, &organization).await.expect(204);
}

#[tokio::test]
async fn who_may_not_read_the_users_learns_only_that_there_are_some() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let worker = app.member(&owner, "worker").await;
    add_field(&owner, "deals", json!({"key": "lead", "label": "Lead", "type": "relation", "module": "leads", "on_delete": "restrict"}))
        .await;
    let lead = create(&worker, "leads", json!({"first_name": "Pia", "last_name": "Own"})).await;
    let (_, _, deal) = account(&owner, "Hidden").await;
    change(&owner, &deal, json!({"lead": id(&lead)})).await.expect(200);
    let refusal = trash(&worker, &lead).await.expect_problem(409, "in-use").text();
    assert!(!refusal.contains("Hidden") && !refusal.contains("deal"), "{refusal}");
    assert!(refusal.contains("Other records still point to this one"), "{refusal}");
    assert_eq!(now(&owner, &lead).await["deleted_at"], json!(null));
}

#[tokio::test]
async fn a_relation_is_emptied_and_its_history_says_so() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (_, ana, _) = account(&owner, "North").await;
    let (_, otto, _) = account(&owner, "South").await;
    let meeting = json!({"subject": "Kick-off", "guests": [id(&ana), id(&otto)]});
    let meeting = create(&owner, "activities", meeting).await;
    trash(&owner, &ana).await.expect(204);
    let left = now(&owner, &meeting).await;
    assert_eq!(left["data"]["guests"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!((&left["data"]["guests"][0]["id"], &left["version"]), (&otto["id"], &json!(2)));
    trash(&owner, &otto).await.expect(204);
    let left = now(&owner, &meeting).await;
    assert_eq!(left["data"].get("guests"), None, "an empty list is no value: {left}");
    let history = owner.get(&format!("{}/history", at(&meeting))).await.expect(200).json();
    let change = &history["data"][0];
    assert_eq!(change["action"], "updated");
    assert_eq!(change["changes"]["guests"], json!({"from": [otto["id"]], "to": null}));
    let links = format!("select count(*) from record_links where from_id = '{}'", id(&meeting));
    assert_eq!(app.database().as_superuser(&links).await[0][0].as_deref(), Some("0"));
}

#[tokio::test]
async fn what_goes_along_comes_back_along() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (organization, _, deal) = account(&owner, "Lakeshore").await;
    let quote = json!({
        "subject": "Offer", "deal": id(&deal), "organization": id(&organization), "total": "10",
        "quote_date": "2026-11-21",
    });
    let before = create(&owner, "quotes", quote.clone()).await;
    let quote = create(&owner, "quotes", quote).await;
    trash(&owner, &before).await.expect(204);

    trash(&owner, &deal).await.expect(204);
    let gone = now(&owner, &quote).await;
    assert!(gone["deleted_at"].is_string() && gone["version"] == 2, "{gone}");
    let back = owner.post(&format!("{}/restore", at(&deal)), &json!({})).await.expect(200).json();
    assert_eq!(back["deleted_at"], json!(null));
    let quote = now(&owner, &quote).await;
    assert_eq!((&quote["deleted_at"], &quote["version"]), (&json!(null), &json!(3)));
    assert!(now(&owner, &before).await["deleted_at"].is_string(), "it had gone by itself, and stays there");
    let history = owner.get(&format!("{}/history", at(&quote))).await.expect(200).json();
    let actions: Vec<_> = history["data"].as_array().expect("entries").iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["restored", "deleted", "created"]);
    let events = format!("select kind from events where record_id = '{}' order by id", id(&quote));
    let kinds: Vec<_> = app.database().as_superuser(&events).await.into_iter().flatten().flatten().collect();
    assert_eq!(kinds, ["record.created", "record.deleted", "record.restored"]);
}

#[tokio::test]
async fn a_cascade_runs_through_circles_and_stops_at_what_holds_back() {
    let app = App::start().await;
    let owner = app.sign_up_with("ring", "blank", false).await;
    for (key, rule) in [("with", "cascade"), ("needs", "restrict")] {
        let field = json!({"key": key, "label": key, "type": "relation", "module": "items", "cycles": true, "on_delete": rule});
        add_field(&owner, "items", field).await;
    }
    let a = create(&owner, "items", json!({"name": "a"})).await;
    let b = create(&owner, "items", json!({"name": "b", "with": id(&a)})).await;
    let c = create(&owner, "items", json!({"name": "c", "with": id(&b), "needs": id(&a)})).await;
    change(&owner, &a, json!({"with": id(&c)})).await.expect(200);
    let holding = create(&owner, "items", json!({"name": "holding", "needs": id(&c)})).await;
    trash(&owner, &a).await.expect_problem(409, "in-use");
    for record in [&a, &b, &c] {
        assert_eq!(now(&owner, record).await["deleted_at"], json!(null), "nothing has moved");
    }
    trash(&owner, &holding).await.expect(204);
    trash(&owner, &a).await.expect(204);
    for record in [&a, &b, &c] {
        assert!(now(&owner, record).await["deleted_at"].is_string(), "all of the circle goes");
    }
    owner.post(&format!("{}/restore", at(&a)), &json!({})).await.expect(200);
    for record in [&a, &b, &c] {
        assert_eq!(now(&owner, record).await["deleted_at"], json!(null), "and comes back");
    }
}

#[tokio::test]
async fn a_link_made_while_its_target_goes_is_seen_or_refused() {
    let app = App::start().await;
    let owner = app.sign_up_with("race", "blank", false).await;
    let field = json!({"key": "needs", "label": "Needs", "type": "relation", "module": "items", "on_delete": "restrict"});
    add_field(&owner, "items", field).await;
    for round in 0..12 {
        let target = create(&owner, "items", json!({"name": format!("target {round}")})).await;
        let body = json!({"data": {"name": "user", "needs": id(&target)}});
        let address = at(&target);
        let (made, gone) =
            tokio::join!(owner.post("/api/v1/records/items", &body), owner.delete(&address, 1));
        assert_ne!((made.status, gone.status), (201, 204), "both cannot be");
        assert!([201, 409, 422].contains(&made.status), "{}", made.text());
        assert!([204, 409].contains(&gone.status), "{}", gone.text());
    }
}

#[tokio::test]
async fn a_required_relation_cannot_be_emptied() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let field = json!({"key": "site", "label": "Site", "type": "relation", "module": "organizations", "required": true, "on_delete": "set_null"});
    let answer = owner.post("/api/v1/modules/deals/fields", &field).await;
    assert_eq!(answer.expect_problem(422, "invalid-definition").pointers(), ["/on_delete"]);
}
