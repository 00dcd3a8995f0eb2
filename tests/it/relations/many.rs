//! Relations to several records, and to records of several modules.

use serde_json::{Value, json};

use super::{account, add_field, change, create, id, now, path, sales, titles};
use crate::kit::App;

#[tokio::test]
async fn several_records_are_kept_in_order_each_once() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (organization, ana, _) = account(&owner, "North").await;
    let (_, otto, _) = account(&owner, "South").await;
    let guests = json!([{"id": id(&otto), "title": "whatever"}, id(&ana), id(&otto)]);
    let meeting = create(&owner, "activities", json!({"subject": "Kick-off", "guests": guests})).await;
    let face = |record: &Value| json!({"id": record["id"], "title": record["title"]});
    assert_eq!(meeting["data"]["guests"], json!([face(&otto), face(&ana)]));
    let same =
        change(&owner, &meeting, json!({"guests": meeting["data"]["guests"]})).await.expect(200).json();
    assert_eq!(same["version"], 1, "what was read can be sent back");

    let wrong = json!([id(&ana), id(&organization)]);
    let answer = change(&owner, &meeting, json!({ "guests": wrong })).await;
    let answer = answer.expect_problem(422, "invalid-record");
    assert_eq!(answer.pointers(), ["/data/guests/1"]);
    assert_eq!(answer.json()["errors"][0]["message"], "There is no such contact.");

    let list = path("activities");
    for (filter, found) in [
        (format!("guests contains '{}'", id(&ana)), 1),
        (format!("guests contains '{}'", id(&organization)), 0),
        (format!("'{}' in guests", id(&otto)), 1),
        ("guests is empty".to_owned(), 0),
        ("guests is not empty".to_owned(), 1),
    ] {
        assert_eq!(titles(&owner, &list, &[("filter", &filter)]).await.len(), found, "{filter}");
    }
    let answer = change(&owner, &meeting, json!({"guests": []})).await.expect(200).json();
    assert_eq!(answer["data"].get("guests"), None);
}

#[tokio::test]
async fn there_is_a_most() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let field = json!({"key": "pair", "label": "Pair", "type": "relations", "module": "contacts", "max": 2});
    add_field(&owner, "activities", field).await;
    let ids: Vec<String> = (0..3).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    let body = json!({"data": {"subject": "x", "pair": ids}});
    let answer = owner.post("/api/v1/records/activities", &body).await;
    let answer = answer.expect_problem(422, "invalid-record");
    assert_eq!(answer.json()["errors"][0]["code"], "max", "{}", answer.text());
    let most: Vec<String> = (0..101).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    let body = json!({"data": {"subject": "x", "guests": most}});
    let answer = owner.post("/api/v1/records/activities", &body).await;
    assert_eq!(answer.expect_problem(422, "invalid-record").pointers(), ["/data/guests"]);
}

#[tokio::test]
async fn a_relation_to_several_modules_says_which() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let worker = app.member(&owner, "worker").await;
    let field = json!({"key": "about", "label": "About", "type": "relation", "modules": ["contacts", "organizations"]});
    add_field(&owner, "activities", field).await;
    let (organization, contact, deal) = account(&owner, "North").await;
    for target in [&organization, &contact] {
        let call = create(&owner, "activities", json!({"subject": "Call", "about": id(target)})).await;
        let face = json!({"id": target["id"], "title": target["title"], "module": target["module"]});
        assert_eq!(call["data"]["about"], face);
        change(&owner, &call, json!({ "about": face })).await.expect(200);
    }
    let body = json!({"data": {"subject": "Call", "about": id(&deal)}});
    let answer = owner.post("/api/v1/records/activities", &body).await.expect_problem(422, "invalid-record");
    assert_eq!(answer.json()["errors"][0]["message"], "There is no such contact or organization.");

    let call = json!({"data": {"subject": "Theirs", "about": id(&contact)}, "owner": worker.user()});
    let call = owner.post("/api/v1/records/activities", &call).await.expect(201).json();
    let seen = now(&worker, &call).await;
    assert_eq!(seen["data"]["about"], json!({"id": contact["id"], "title": null, "module": null}));

    let both = json!({"key": "both", "label": "Both", "type": "relation", "module": "deals", "modules": ["contacts", "deals"]});
    let answer = owner.post("/api/v1/modules/activities/fields", &both).await;
    assert_eq!(answer.expect_problem(422, "invalid-definition").pointers(), ["/modules"]);
}

#[tokio::test]
async fn pages_show_and_take_several() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let mut guests = Vec::new();
    for name in ["North", "South", "West"] {
        guests.push(account(&owner, name).await.1);
    }
    let browser = owner.browser().await;
    let form = browser.get("/m/activities/new").await.expect(200).text();
    assert!(form.contains("name=\"guests\"") && form.contains("multiple"), "{form}");
    let mut fields = vec![("subject", "Kick-off"), ("activity_type", "meeting"), ("status", "planned")];
    fields.extend([("starts_at", "2026-11-25T10:00"), ("guests", "")]);
    fields.extend(guests.iter().map(|guest| ("guests", id(guest))));
    let answer = browser.submit("/m/activities/new", &fields).await.expect(303);
    let page = browser.get(answer.header("location").trim_start_matches("/t/acme")).await.expect(200).text();
    for guest in &guests {
        assert!(page.contains(&format!("/m/contacts/r/{}", id(guest))), "{page}");
    }
    let meeting = owner.get(&format!("{}?filter=guests+is+not+empty", path("activities"))).await.json();
    let meeting = meeting["data"][0].clone();
    let edit = browser.get(&format!("/m/activities/r/{}/edit", id(&meeting))).await.expect(200).text();
    assert_eq!(edit.matches(" selected>Ana ").count(), 3, "{edit}");
    let other = browser.get(&format!("/m/contacts/r/{}", id(&guests[0]))).await.expect(200).text();
    assert!(other.contains("Invited to") && other.contains("Kick-off"), "{other}");
}
