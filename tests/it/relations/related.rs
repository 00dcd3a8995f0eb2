//! Related lists: both directions, page by page, as far as the actor may read.

use serde_json::json;

use super::{account, at, create, id, path, sales, titles};
use crate::kit::App;

#[tokio::test]
async fn a_relation_is_read_from_both_sides() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (organization, ana, deal) = account(&owner, "North").await;
    let (_, otto, _) = account(&owner, "South").await;
    let meeting = json!({"subject": "Kick-off", "guests": [id(&otto), id(&ana)]});
    let meeting = create(&owner, "activities", meeting).await;
    let list = |record, relation: &str| format!("{}/related/{relation}", at(record));
    let newest_first = titles(&owner, &list(&meeting, "guests"), &[]).await;
    assert_eq!(newest_first, ["Ana South", "Ana North"]);
    assert_eq!(titles(&owner, &list(&ana, "activities.guests"), &[]).await, ["Kick-off"]);
    assert_eq!(titles(&owner, &list(&organization, "deals.organization"), &[]).await, ["North roll-out"]);
    assert_eq!(titles(&owner, &list(&deal, "organization"), &[]).await, ["North"]);
    let filtered = [("filter", "last_name == 'North'"), ("fields", "last_name")];
    assert_eq!(titles(&owner, &list(&meeting, "guests"), &filtered).await, ["Ana North"]);
    for unknown in ["nobody", "name", "deals.name", "deals.campaign", "nothing.at_all", "deals."] {
        owner.get(&list(&organization, unknown)).await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn its_pages_follow_each_other() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let organization = create(&owner, "organizations", json!({"name": "North"})).await;
    for number in 0..7 {
        let contact = json!({"first_name": format!("N{number}"), "last_name": "North", "organization": id(&organization)});
        create(&owner, "contacts", contact).await;
    }
    account(&owner, "South").await;
    let list = format!("{}/related/contacts.organization", at(&organization));
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page =
            owner.get(&format!("{list}?limit=3&sort=first_name&cursor={cursor}")).await.expect(200).json();
        assert_eq!(page["count"], json!({"value": 7, "exact": true}));
        let names = page["data"].as_array().expect("records").iter();
        seen.extend(names.map(|record| record["data"]["first_name"].as_str().expect("a name").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, ["N0", "N1", "N2", "N3", "N4", "N5", "N6"]);
}

#[tokio::test]
async fn others_records_are_not_in_it() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let worker = app.member(&owner, "worker").await;
    let (organization, contact, _) = account(&owner, "North").await;
    let list = format!("{}/related/contacts.organization", at(&organization));
    worker.get(&list).await.expect_problem(404, "not-found");
    let own = json!({"data": {"name": "Own"}, "owner": worker.user()});
    let own = owner.post(&path("organizations"), &own).await.expect(201).json();
    for (name, person) in [("Seen", worker.user()), ("Hidden", owner.user())] {
        let body = json!({"data": {"first_name": name, "last_name": "Person", "organization": id(&own)}, "owner": person});
        owner.post(&path("contacts"), &body).await.expect(201);
    }
    let list = format!("{}/related/contacts.organization", at(&own));
    let page = worker.get(&list).await.expect(200);
    assert!(page.text().contains("Seen") && !page.text().contains("Hidden"), "{}", page.text());
    assert_eq!(page.json()["count"], json!({"value": 1, "exact": true}));
    let support = app.member(&owner, "support").await;
    let deals = format!("{}/related/deals.organization", at(&own));
    support.get(&deals).await.expect_problem(404, "not-found");
    support.get(&format!("{}/related/deals.contact", at(&contact))).await.expect_problem(404, "not-found");
}
