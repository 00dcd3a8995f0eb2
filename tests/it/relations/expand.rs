//! `expand` and `fields`: related records whole, and only what was asked for.

use serde_json::{Value, json};

use super::{account, at, create, id, path, sales};
use crate::kit::App;

#[tokio::test]
async fn related_records_are_embedded_over_two_relations() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (organization, contact, deal) = account(&owner, "North").await;
    let asked = "expand=organization,contact.organization";
    let whole = owner.get(&format!("{}?{asked}", at(&deal))).await.expect(200).json();
    let plain = owner.get(&at(&deal)).await.expect(200).json();
    assert_eq!(whole["data"]["organization"]["record"]["data"]["industry"], "food");
    assert_eq!(whole["data"]["organization"]["record"]["version"], organization["version"]);
    let ana = &whole["data"]["contact"]["record"];
    assert_eq!(ana["title"], contact["title"]);
    assert_eq!(ana["data"]["organization"]["record"]["title"], "North");
    assert_eq!(ana["data"]["organization"]["record"]["can"]["update"], true);
    assert_eq!(plain["data"]["organization"].get("record"), None);

    let page = owner.get(&format!("{}?{asked}&limit=1", path("deals"))).await.expect(200).json();
    assert_eq!(page["data"][0], whole, "a list embeds what one record does");
    let guests = json!({"subject": "Kick-off", "guests": [id(&contact)]});
    let meeting = create(&owner, "activities", guests).await;
    let whole = owner.get(&format!("{}?expand=guests.organization", at(&meeting))).await.expect(200).json();
    let guest = &whole["data"]["guests"][0]["record"];
    assert_eq!(guest["data"]["organization"]["record"]["id"], organization["id"]);
}

#[tokio::test]
async fn what_may_not_be_read_is_not_embedded() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let worker = app.member(&owner, "worker").await;
    let (organization, _, _) = account(&owner, "Secret").await;
    let deal = json!({"data": {"name": "Theirs", "organization": id(&organization), "amount": "1", "close_date": "2026-12-01"}, "owner": worker.user()});
    let deal = owner.post(&path("deals"), &deal).await.expect(201).json();
    let seen = worker.get(&format!("{}?expand=organization.parent", at(&deal))).await.expect(200);
    assert!(!seen.text().contains("Secret"), "{}", seen.text());
    let face = json!({"id": organization["id"], "title": null, "record": null});
    assert_eq!(seen.json()["data"]["organization"], face);
}

#[tokio::test]
async fn only_the_fields_that_are_asked_for_come() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (_, _, deal) = account(&owner, "North").await;
    account(&owner, "South").await;
    let keys = |record: &Value| -> Vec<String> {
        record["data"].as_object().expect("data").keys().cloned().collect()
    };
    let one = owner.get(&format!("{}?fields=name,amount,closed_on", at(&deal))).await.expect(200).json();
    assert_eq!(keys(&one), ["amount", "name"], "one without a value is not there");
    assert_eq!(one["title"], "North roll-out");
    let both = format!("{}?fields=amount&expand=organization&limit=1", path("deals"));
    let page = owner.get(&both).await.expect(200).json();
    assert_eq!(keys(&page["data"][0]), ["amount", "organization"], "what is expanded comes too");
    let next = page["next"].as_str().expect("a second page");
    let next = owner.get(&format!("{}?cursor={next}", path("deals"))).await.expect(200).json();
    assert_eq!(keys(&next["data"][0]), ["amount", "organization"], "a cursor is complete in itself");
}

#[tokio::test]
async fn unknown_names_are_refused_where_they_stand() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let support = app.member(&owner, "support").await;
    let (_, _, deal) = account(&owner, "North").await;
    for path in [at(&deal), path("deals")] {
        for (query, parameter) in [
            ("fields=name,nme", "fields"),
            ("expand=name", "expand"),
            ("expand=organisation", "expand"),
            ("expand=contact.nobody", "expand"),
            ("expand=contact.organization.parent", "expand"),
        ] {
            let answer = owner.get(&format!("{path}?{query}")).await.expect_problem(422, "invalid-query");
            assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
        }
    }
    // Activities point to deals, which this role may not read: nothing is said of what a deal has.
    for query in ["expand=deal.organization", "expand=deal.nothing"] {
        let answer = support.get(&format!("{}?{query}", path("activities"))).await;
        let answer = answer.expect_problem(422, "invalid-query");
        assert!(answer.text().contains("There is no relation deal."), "{}", answer.text());
    }
}

#[tokio::test]
async fn an_embedded_record_that_changed_is_not_kept_back() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (_, _, deal) = account(&owner, "North").await;
    let get = async |query: &str| {
        let request = owner.request(axum::http::Method::GET, &format!("{}{query}", at(&deal)));
        let request = request.header("if-none-match", "\"v1\"").body(axum::body::Body::empty());
        app.send(request.expect("a request")).await.status
    };
    assert_eq!(get("").await, 304);
    assert_eq!(get("?fields=name").await, 304);
    assert_eq!(get("?expand=organization").await, 200);
}
