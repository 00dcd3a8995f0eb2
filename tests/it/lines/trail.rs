//! What was is kept: list prices beside overrides, removed lines, snapshots of products, prices over time.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::shop::{Shop, at, create, faults, patch, row, row_with};

/// The history of a record, newest first.
async fn history(shop: &Shop, record: &Value) -> Vec<Value> {
    let page = shop.owner.get(&format!("{}/history", at(record))).await.expect(200).json();
    page["data"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn an_overridden_price_is_kept_beside_the_list_price_and_logged() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let worker = shop.app.member(&shop.owner, "worker").await;
    let organization = create(&worker, "organizations", json!({"name": "Ironbend"})).await;
    let rows = json!([row_with(&sensor, json!({"unit_price": "90.00"})), row(&sensor, 1)]);
    let data = json!({"subject": "Cheaper", "organization": organization["id"], "lines": {"rows": rows}});
    let quote = create(&worker, "quotes", data).await;
    let line = &quote["data"]["lines"]["rows"][0];
    assert_eq!((&line["list_price"], &line["unit_price"]), (&json!("100.00"), &json!("90.00")));

    let overrides: Vec<Value> = history(&shop, &quote)
        .await
        .into_iter()
        .filter(|entry| entry["action"] == "price_overridden")
        .collect();
    assert_eq!(overrides.len(), 1, "the other line has the list price");
    assert_eq!(overrides[0]["actor"], worker.user());
    let change = &overrides[0]["changes"]["lines"];
    assert_eq!(
        (&change["from"]["unit_price"], &change["to"]["unit_price"]),
        (&json!("100.00"), &json!("90.00"))
    );
    assert_eq!(change["to"]["line"], line["id"]);

    let mut rows = quote["data"]["lines"]["rows"].clone();
    for row in rows.as_array_mut().into_iter().flatten() {
        *row = json!({"id": row["id"], "product": row["product"], "quantity": 1, "unit_price": row["unit_price"]});
    }
    rows[0]["unit_price"] = Value::Null;
    let back = patch(&worker, &quote, json!({"lines": {"rows": rows}})).await.expect(200).json();
    assert_eq!(
        back["data"]["lines"]["rows"][0]["unit_price"], "100.00",
        "without a price it is the list's again"
    );
    let newest = &history(&shop, &quote).await;
    let change = newest.iter().find(|entry| entry["action"] == "price_overridden").expect("it is logged");
    assert_eq!(change["changes"]["lines"]["from"]["unit_price"], "90.00");
    assert_eq!(change["version"], 2);
}

#[tokio::test]
async fn removed_lines_are_kept_and_count_no_more() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let quote = shop.quote(&shop.owner, json!([row(&sensor, 1), row(&sensor, 2)])).await.expect(201).json();
    let rows = &quote["data"]["lines"]["rows"];
    let kept = patch(&shop.owner, &quote, json!({"lines": {"rows": [rows[1]]}})).await.expect(200).json();
    let lines = &kept["data"]["lines"];
    assert_eq!((&lines["amount"], &kept["data"]["total"]["amount"]), (&json!("200.00"), &json!("200.00")));
    assert_eq!(lines["rows"].as_array().map(Vec::len), Some(2));
    let removed = lines["rows"].as_array().into_iter().flatten().find(|row| row["id"] == rows[0]["id"]);
    let removed = removed.expect("it is still there").clone();
    assert!(removed["removed_at"].is_string() && removed["extended"] == "100.00", "{removed}");

    let mut revived = lines.clone();
    for row in revived["rows"].as_array_mut().into_iter().flatten() {
        row.as_object_mut().expect("a row").remove("removed_at");
    }
    let answer = patch(&shop.owner, &kept, json!({"lines": {"rows": revived["rows"]}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/1/removed_at removed"]);
    let mut edited = lines["rows"].clone();
    edited[1]["quantity"] = json!("50");
    edited[1]["unit_price"] = json!("1.00");
    edited[1]["extended"] = Value::Null;
    let same = patch(&shop.owner, &kept, json!({"lines": {"rows": edited}})).await.expect(200).json();
    assert_eq!(same["data"]["lines"], *lines, "what is removed stays as it was");

    let none = patch(&shop.owner, &same, json!({"lines": null})).await.expect(200).json();
    let rows = none["data"]["lines"]["rows"].as_array().cloned().unwrap_or_default();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["removed_at"].is_string()), "{rows:?}");
    assert_eq!(none["data"]["lines"]["amount"], "0.00");
}

#[tokio::test]
async fn a_line_keeps_what_its_product_was_when_it_was_added() {
    let shop = Shop::open().await;
    let (sensor, other) = (shop.product("VS-10", json!({})).await, shop.product("VS-20", json!({})).await);
    let quote = shop.quote(&shop.owner, json!([row(&sensor, 1)])).await.expect(201).json();
    let dearer = json!({"price": "150.00", "name": "Vibration sensor", "active": false});
    let changed = patch(&shop.owner, &sensor, dearer).await.expect(200).json();
    let line = quote["data"]["lines"]["rows"][0].clone();
    let rows = json!([{"id": line["id"], "product": line["product"], "quantity": 5}]);
    let quote = patch(&shop.owner, &quote, json!({"lines": {"rows": rows}})).await.expect(200).json();
    let kept = &quote["data"]["lines"]["rows"][0];
    assert_eq!((&kept["name"], &kept["extended"]), (&json!("Product VS-10"), &json!("500.00")));

    let new = json!([rows[0], row(&changed, 1)]);
    let answer = patch(&shop.owner, &quote, json!({"lines": {"rows": new}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/1/product inactive"]);
    let swapped = json!([{"id": line["id"], "product": other["id"], "quantity": 5}]);
    let answer = patch(&shop.owner, &quote, json!({"lines": {"rows": swapped}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/0/product fixed"]);
    let twice = json!([rows[0], rows[0]]);
    let answer = patch(&shop.owner, &quote, json!({"lines": {"rows": twice}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/1/id twice"]);
}

#[tokio::test]
async fn what_a_product_costs_is_kept_over_time() {
    let mut shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({"cost": "40.00"})).await;
    shop.wait(TimeDelta::days(30)).await;
    let renamed = patch(&shop.owner, &sensor, json!({"name": "Sensor"})).await.expect(200).json();
    let dearer = patch(&shop.owner, &renamed, json!({"price": "120.00"})).await.expect(200).json();
    let path = format!("{}/prices", at(&sensor));
    let prices = shop.owner.get(&path).await.expect(200).json();
    let prices = prices["data"].as_array().cloned().unwrap_or_default();
    assert_eq!(prices.len(), 2, "a new name is no new price: {prices:?}");
    assert_eq!(prices[0]["price"], json!({"amount": "120.00", "currency": "USD"}));
    assert_eq!((&prices[0]["margin"], &prices[1]["margin"]), (&json!("66.67"), &json!("60.00")));
    assert_eq!(prices[1]["cost"], json!({"amount": "40.00", "currency": "USD"}));
    assert_eq!(prices[0]["by"]["id"], shop.owner.user());
    assert!(prices[0]["valid_from"].as_str() > prices[1]["valid_from"].as_str());

    patch(&shop.owner, &dearer, json!({"cost": null})).await.expect(200);
    let prices = shop.owner.get(&path).await.expect(200).json();
    assert_eq!((&prices["data"][0]["cost"], &prices["data"][0]["margin"]), (&Value::Null, &Value::Null));
    let organization = format!("{}/prices", at(&shop.organization));
    shop.owner.get(&organization).await.expect_problem(404, "not-found");
    let support = shop.app.member(&shop.owner, "support").await;
    support.get(&path).await.expect(200);
    let worker = shop.app.member(&shop.owner, "worker").await;
    worker.get(&organization).await.expect_problem(404, "not-found");
    let stranger = shop.app.sign_up_with("rival", "corporate", false).await;
    stranger.get(&path).await.expect_problem(404, "not-found");
}
