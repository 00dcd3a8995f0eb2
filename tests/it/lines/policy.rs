//! Walls around prices, and attempts to go round them.

use serde_json::{Value, json};

use super::shop::{Shop, create, faults, patch, row, row_with};
use crate::kit::Client;

/// A quote of a representative's own with these lines.
async fn quote(client: &Client, organization: &Value, rows: Value) -> crate::kit::Answer {
    let data = json!({"subject": "Offer", "organization": organization["id"], "lines": {"rows": rows}});
    client.post("/api/v1/records/quotes", &json!({ "data": data })).await
}

#[tokio::test]
async fn no_more_is_taken_off_than_the_product_allows() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({"max_discount": "15"})).await;
    let worker = shop.app.member(&shop.owner, "worker").await;
    let organization = create(&worker, "organizations", json!({"name": "Ironbend"})).await;
    for (changes, part) in [
        (json!({"discount": {"percent": "15.01"}}), "discount"),
        (json!({"discount": {"amount": "15.01"}}), "discount"),
        (json!({"unit_price": "84.99"}), "unit_price"),
        (json!({"unit_price": "90.00", "discount": {"percent": "10"}}), "discount"),
        (json!({"unit_price": "0"}), "unit_price"),
    ] {
        let answer = quote(&worker, &organization, json!([row_with(&sensor, changes.clone())])).await;
        assert_eq!(faults(&answer), [format!("/data/lines/rows/0/{part} max_discount")], "{changes}");
        quote(&shop.owner, &organization, json!([row_with(&sensor, changes)])).await.expect(201);
    }
    let allowed = row_with(&sensor, json!({"discount": {"percent": "15"}, "quantity": "7.333"}));
    let own = quote(&worker, &organization, json!([allowed])).await.expect(201).json();

    let line = &own["data"]["lines"]["rows"][0];
    let cheap = json!([{"id": line["id"], "product": line["product"], "unit_price": "50.00"}]);
    let answer = patch(&worker, &own, json!({"lines": {"rows": cheap}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/0/unit_price max_discount"]);
    let pretended =
        json!([{"id": line["id"], "product": line["product"], "unit_price": "50.00", "list_price": "50.00"}]);
    let answer = patch(&worker, &own, json!({"lines": {"rows": pretended}})).await;
    assert_eq!(
        faults(&answer),
        ["/data/lines/rows/0/unit_price max_discount"],
        "the list price is not the caller's"
    );
}

#[tokio::test]
async fn a_discount_that_somebody_else_granted_stays_until_the_line_changes() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({"max_discount": "15"})).await;
    let worker = shop.app.member(&shop.owner, "worker").await;
    let organization = create(&worker, "organizations", json!({"name": "Ironbend"})).await;
    let own = quote(&worker, &organization, json!([row(&sensor, 1)])).await.expect(201).json();
    let line = own["data"]["lines"]["rows"][0].clone();
    let granted = json!([{"id": line["id"], "product": line["product"], "discount": "50 %"}]);
    let own = patch(&shop.owner, &own, json!({"lines": {"rows": granted}})).await.expect(200).json();
    let more = json!([own["data"]["lines"]["rows"][0], row(&sensor, 2)]);
    let own = patch(&worker, &own, json!({"lines": {"rows": more}})).await.expect(200).json();
    assert_eq!(own["data"]["lines"]["amount"], "250.00");
    let stretched =
        json!([{"id": line["id"], "product": line["product"], "discount": "50 %", "quantity": 10}]);
    let answer = patch(&worker, &own, json!({"lines": {"rows": stretched}})).await;
    assert_eq!(faults(&answer), ["/data/lines/rows/0/discount max_discount"]);
}

#[tokio::test]
async fn products_that_are_not_there_for_the_actor_are_refused_alike() {
    let shop = Shop::open().await;
    let rival = shop.app.sign_up_with("rival", "corporate", false).await;
    let data = json!({"name": "Secret", "sku": "S-1", "category": "hardware", "price": "1.00"});
    let foreign = create(&rival, "products", data).await;
    let trashed = shop.product("OLD", json!({})).await;
    shop.owner.delete(&super::shop::at(&trashed), 1).await.expect(204);
    let nobody = json!({"id": "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01"});
    let mut answers = Vec::new();
    for product in [&foreign, &trashed, &shop.organization, &nobody] {
        let answer = shop.quote(&shop.owner, json!([row(product, 1)])).await;
        assert_eq!(faults(&answer), ["/data/lines/rows/0/product relation"]);
        answers.push(answer.json()["errors"].clone());
    }
    assert!(answers.iter().all(|errors| *errors == answers[0]), "they cannot be told apart: {answers:?}");
}

#[tokio::test]
async fn a_column_of_a_file_carries_no_lines() {
    let desk = crate::import::Desk::of("corporate").await;
    let mapping = desk.file(
        "sales.yaml",
        "files:\n  - name: quotes.csv\n    module: quotes\n    key: [ID]\n    columns: { Subject: subject, Lines: lines }\n",
    );
    let file = desk.file("quotes.csv", "ID,Subject,Lines\n1,Offer,2 x GW-200\n");
    let run = desk.import(mapping, &[&file]).await;
    let text = run.code.err().unwrap_or(run.text);
    assert!(text.contains("the field lines holds lines, which no column can carry"), "{text}");
}
