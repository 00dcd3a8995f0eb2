//! What follows from a record that goes to the trash, comes back, or is gone for good: derived values, totals of stages,
//! and what still points to it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use trellis::worker::keep_house_once;

use super::{account, add_field, at, change, create, id, now, path, sales, trash};
use crate::derived::expect_right;
use crate::jobs::background;
use crate::kit::{App, Client};

/// How many deals the board shows.
async fn on_board(client: &Client) -> i64 {
    let board = client.get(&format!("{}/board", path("deals"))).await.expect(200).json();
    board["stages"].as_array().expect("stages").iter().filter_map(|own| own["count"]["value"].as_i64()).sum()
}

async fn restore(client: &Client, record: &Value) {
    client.post(&format!("{}/restore", at(record)), &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_cascade_moves_sums_and_totals_and_so_does_the_way_back() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let lead = json!({"key": "lead", "label": "Lead", "type": "relation", "module": "leads", "on_delete": "cascade"});
    add_field(&owner, "deals", lead).await;
    let worth = json!({"key": "worth", "label": "Worth", "type": "money",
        "rollup": {"relation": "deals.lead", "function": "sum", "field": "amount"}});
    add_field(&owner, "leads", worth).await;
    let lead = create(&owner, "leads", json!({"first_name": "Pia", "last_name": "Lead"})).await;
    let (organization, _, deal) = account(&owner, "North").await;
    change(&owner, &deal, json!({"lead": id(&lead)})).await.expect(200);
    let open = async || now(&owner, &organization).await["data"]["open_deals"].clone();
    assert_eq!((open().await, on_board(&owner).await), (json!(1), 1));

    trash(&owner, &lead).await.expect(204);
    assert!(now(&owner, &deal).await["deleted_at"].is_string());
    assert_eq!((open().await, on_board(&owner).await), (json!(0), 0));
    expect_right(&app, "acme").await;

    restore(&owner, &lead).await;
    assert_eq!((open().await, on_board(&owner).await), (json!(1), 1));
    assert_eq!(now(&owner, &lead).await["data"]["worth"]["amount"], "1000.00");
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn an_emptied_relation_takes_along_what_was_looked_up_and_summed() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let field = json!({"key": "sponsor", "label": "Sponsor", "type": "relation", "module": "organizations",
        "on_delete": "set_null"});
    add_field(&owner, "contacts", field).await;
    let lookup = json!({"key": "sponsor_tier", "label": "Sponsor tier", "type": "choice",
        "options": [{"key": "key", "label": "Key"}], "lookup": {"relation": "sponsor", "field": "tier"}});
    add_field(&owner, "contacts", lookup).await;
    let sponsor = create(&owner, "organizations", json!({"name": "Sponsor", "tier": "key"})).await;
    let contact = json!({"first_name": "Ana", "last_name": "Lee", "sponsor": id(&sponsor)});
    let contact = create(&owner, "contacts", contact).await;
    assert_eq!(contact["data"]["sponsor_tier"], "key");
    trash(&owner, &sponsor).await.expect(204);
    let left = now(&owner, &contact).await;
    assert_eq!((left["data"].get("sponsor"), left["data"].get("sponsor_tier")), (None, None), "{left}");
    assert_eq!(left["version"], 2);
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn nothing_leads_to_a_record_that_is_gone_for_good() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let organization = create(&owner, "organizations", json!({"name": "Old", "tier": "key"})).await;
    let contact = json!({"first_name": "Ana", "last_name": "Lee", "organization": id(&organization)});
    let contact = create(&owner, "contacts", contact).await;
    trash(&owner, &organization).await.expect(204);
    let kept = now(&owner, &contact).await;
    assert_eq!(kept["data"]["organization"]["id"], organization["id"], "the trash keeps it: {kept}");
    app.advance(TimeDelta::days(400));
    keep_house_once(&background(&app)).await.expect("the house is kept");
    let owner = app.sign_in("owner@acme.example", "acme").await;
    owner.get(&at(&organization)).await.expect(404);
    let left = now(&owner, &contact).await;
    assert_eq!((left["data"].get("organization"), left["data"].get("tier")), (None, None), "{left}");
    assert_eq!(left["version"], 2);
    let history = owner.get(&format!("{}/history", at(&contact))).await.expect(200).json();
    let change = &history["data"][0];
    assert_eq!(
        (&change["action"], &change["changes"]["organization"]["to"]),
        (&json!("updated"), &json!(null))
    );
    let dangling = format!("select count(*) from records where data::text like '%{}%'", id(&organization));
    assert_eq!(app.database().as_superuser(&dangling).await[0][0].as_deref(), Some("0"));
    expect_right(&app, "acme").await;
}
