//! Lookups and roll-ups: with every kind of write, of the one side and of the other.

use serde_json::{Value, json};

use super::{add_field, catch_up, create, expect_right, now, path, repair};
use crate::conditions::{change, corporate, sell};
use crate::kit::Client;

async fn sums(owner: &Client, organization: &Value) -> (Value, Value, Value) {
    let data = now(owner, organization).await["data"].clone();
    let amount = |key: &str| data[key]["amount"].clone();
    (data["open_deals"].clone(), amount("pipeline_value"), amount("won_value"))
}

fn three(open: i32, pipeline: &str, won: &str) -> (Value, Value, Value) {
    (json!(open), json!(pipeline), json!(won))
}

#[tokio::test]
async fn a_roll_up_follows_every_write_of_what_it_sums_up() {
    let (app, owner, acme) = corporate("acme").await;
    let other = create(&owner, "organizations", json!({"name": "Other", "relationship": "prospect"})).await;
    assert_eq!(sums(&owner, &acme).await, three(0, "0.00", "0.00"));
    let deal = sell(&owner, &acme, "1000").await;
    let second = sell(&owner, &acme, "500").await;
    assert_eq!(sums(&owner, &acme).await, three(2, "150.00", "0.00"));
    let deal = change(&owner, &deal, json!({"data": {"amount": "2000"}})).await.expect(200).json();
    let deal = change(&owner, &deal, json!({"stage": "won"})).await.expect(200).json();
    assert_eq!(sums(&owner, &acme).await, three(1, "50.00", "2000.00"));
    let deal = change(&owner, &deal, json!({"data": {"organization": other["id"]}})).await.expect(200).json();
    assert_eq!(sums(&owner, &acme).await, three(1, "50.00", "0.00"));
    assert_eq!(sums(&owner, &other).await, three(0, "0.00", "2000.00"));
    owner.delete(&path(&second), 1).await.expect(204);
    assert_eq!(sums(&owner, &acme).await, three(0, "0.00", "0.00"));
    owner.post(&format!("{}/restore", path(&second)), &json!({})).await.expect(200);
    assert_eq!(sums(&owner, &acme).await, three(1, "50.00", "0.00"));
    assert_eq!(now(&owner, &acme).await["version"], 1, "nobody has changed it");
    owner.delete(&path(&deal), 4).await.expect(204);
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn amounts_in_two_currencies_have_no_sum_until_one_goes() {
    let (app, owner, acme) = corporate("acme").await;
    sell(&owner, &acme, "1000").await;
    let deal = sell(&owner, &acme, "10").await;
    let euros = json!({"data": {"amount": {"amount": "10", "currency": "EUR"}}});
    let deal = change(&owner, &deal, euros).await.expect(200).json();
    assert_eq!(sums(&owner, &acme).await.1, Value::Null);
    expect_right(&app, "acme").await;
    owner.delete(&path(&deal), 2).await.expect(204);
    assert_eq!(sums(&owner, &acme).await.1, "100.00");
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn the_least_the_greatest_and_the_mean_are_kept() {
    let (app, owner, acme) = corporate("acme").await;
    for (key, kind, function, field) in [
        ("smallest", "money", "min", "amount"),
        ("largest", "money", "max", "amount"),
        ("mean", "money", "avg", "amount"),
        ("next_close", "date", "min", "close_date"),
        ("priced", "integer", "count", "discount"),
    ] {
        let rollup = json!({"relation": "deals.organization", "function": function, "field": field});
        let field = json!({"key": key, "label": key, "type": kind, "rollup": rollup});
        add_field(&owner, "organizations", field).await.expect(201);
    }
    let values = async || {
        let data = now(&owner, &acme).await["data"].clone();
        let amount = |key: &str| data[key]["amount"].as_str().unwrap_or("-").to_owned();
        [amount("smallest"), amount("largest"), amount("mean"), data["priced"].to_string()]
    };
    let small = sell(&owner, &acme, "10").await;
    let middle = sell(&owner, &acme, "20").await;
    let large = sell(&owner, &acme, "60").await;
    assert_eq!(values().await, ["10.00", "60.00", "30.00", "0"]);
    change(&owner, &small, json!({"data": {"amount": "30", "discount": "5"}})).await.expect(200);
    assert_eq!(values().await, ["20.00", "60.00", "36.67", "1"]);
    owner.delete(&path(&large), 1).await.expect(204);
    owner.delete(&path(&middle), 1).await.expect(204);
    assert_eq!(values().await, ["30.00", "30.00", "30.00", "1"]);
    owner.delete(&path(&small), 2).await.expect(204);
    assert_eq!(values().await, ["-", "-", "-", "0"]);
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn a_lookup_follows_the_record_that_it_looks_at() {
    let (app, owner, acme) = corporate("acme").await;
    let ann = json!({"first_name": "Ann", "last_name": "Lee", "organization": acme["id"]});
    let ann = create(&owner, "contacts", ann).await;
    assert_eq!(ann["data"]["tier"], "key");
    let acme = change(&owner, &acme, json!({"data": {"tier": "strategic"}})).await.expect(200).json();
    assert_eq!(now(&owner, &ann).await["data"]["tier"], "strategic");
    let list = owner.get("/api/v1/records/contacts?filter=tier%20%3D%3D%20%22strategic%22").await;
    assert_eq!(list.expect(200).json()["data"][0]["id"], ann["id"]);
    let ann = change(&owner, &ann, json!({"data": {"organization": null}})).await.expect(200).json();
    assert_eq!(ann["data"].get("tier"), None);
    let ann = change(&owner, &ann, json!({"data": {"organization": acme["id"]}})).await.expect(200).json();
    assert_eq!(ann["data"]["tier"], "strategic");
    let typed = change(&owner, &ann, json!({"data": {"tier": "standard"}})).await;
    assert_eq!(typed.expect_problem(422, "invalid-record").pointers(), ["/data/tier"]);
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn many_lookups_are_left_to_the_worker() {
    let (app, owner, acme) = corporate("acme").await;
    let ann = json!({"first_name": "Ann", "last_name": "Lee", "organization": acme["id"]});
    let ann = create(&owner, "contacts", ann).await;
    let id = ann["id"].as_str().expect("an id");
    let more = format!(
        "with more as (insert into records select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
           from records r, generate_series(1, 450) where r.id = '{id}' returning tenant_id, id)
         insert into record_links select more.tenant_id, more.id, l.field, l.to_id
           from more, record_links l where l.from_id = '{id}'"
    );
    app.database().as_superuser(&more).await;
    change(&owner, &acme, json!({"data": {"tier": "strategic"}})).await.expect(200);
    assert_eq!(now(&owner, &ann).await["data"]["tier"], "key", "not in the same write: they are many");
    assert_eq!(catch_up(&app).await, 3);
    assert_eq!(now(&owner, &ann).await["data"]["tier"], "strategic");
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn a_repair_finds_what_was_tampered_with_and_puts_it_right() {
    let (app, owner, acme) = corporate("acme").await;
    sell(&owner, &acme, "1000").await;
    let tampered = "update records set data = data || '{\"open_deals\": 7}' where data ? 'open_deals';
        update rollup_tallies set total = total + 1";
    app.database().as_superuser(tampered).await;
    let found = repair(&app, "acme", true).await;
    assert!(found.contains("open_deals: 7 should be 1"), "{found}");
    assert_eq!(sums(&owner, &acme).await.0, 7, "a check changes nothing");
    repair(&app, "acme", false).await;
    assert_eq!(sums(&owner, &acme).await, three(1, "100.00", "0.00"));
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn a_roll_up_counts_what_its_reader_may_not_read() {
    let (app, owner, acme) = corporate("acme").await;
    let support = app.member(&owner, "support").await;
    let deal = sell(&owner, &acme, "1000").await;
    support.get(&path(&deal)).await.expect(404);
    assert_eq!(now(&support, &acme).await["data"]["open_deals"], 1);
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "the writers end within the test")]
async fn writers_at_the_same_time_leave_the_values_right() {
    let (app, owner, acme) = corporate("acme").await;
    let ann = json!({"first_name": "Ann", "last_name": "Lee", "organization": acme["id"]});
    let people = (0..8).map(|n| {
        let (owner, acme, ann) = (owner.clone(), acme.clone(), ann.clone());
        tokio::spawn(async move {
            for round in 0..6 {
                let deal = sell(&owner, &acme, "100").await;
                change(&owner, &deal, json!({"stage": STAGES[(n + round) % STAGES.len()]})).await.expect(200);
                create(&owner, "contacts", ann.clone()).await;
                let tier = json!({"data": {"tier": TIERS[round % TIERS.len()]}});
                let current = now(&owner, &acme).await;
                let answer = change(&owner, &current, tier).await;
                assert!([200, 412].contains(&answer.status), "{}", answer.text());
            }
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await.expect("a writer");
    }
    catch_up(&app).await;
    let found = repair(&app, "acme", true).await;
    assert!(found.contains("deals: 48 records, 0 values wrong"), "{found}");
    expect_right(&app, "acme").await;
}

const STAGES: [&str; 3] = ["proposal", "negotiation", "qualified"];
const TIERS: [&str; 3] = ["strategic", "key", "standard"];

#[tokio::test]
async fn the_worker_of_one_workspace_touches_no_other() {
    let (app, owner, acme) = corporate("acme").await;
    let other = app.sign_up_with("other", "corporate", false).await;
    let bolt = create(&other, "organizations", json!({"name": "Bolt", "relationship": "customer"})).await;
    sell(&other, &bolt, "10").await;
    sell(&owner, &acme, "1000").await;
    // A relation to a record of another workspace is one to nothing, so nothing is summed up there.
    let foreign = crate::conditions::deal(&bolt, "5000");
    owner.post(crate::conditions::DEALS, &json!({"data": foreign})).await.expect(422);
    repair(&app, "acme", false).await;
    catch_up(&app).await;
    assert_eq!(sums(&other, &bolt).await, three(1, "1.00", "0.00"));
    assert_eq!(sums(&owner, &acme).await, three(1, "100.00", "0.00"));
    expect_right(&app, "other").await;
}
