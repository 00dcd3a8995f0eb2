//! Lines are priced from their products and added up; what does not agree is refused at its place.

use serde_json::json;

use super::shop::{Shop, at, faults, patch, row, row_with};

#[tokio::test]
async fn lines_are_priced_from_their_products_and_added_up() {
    let shop = Shop::open().await;
    let gateway = shop.product("GW-200", json!({"price": "1290.00", "tax_rate": "5.5"})).await;
    let sensor = shop.product("VS-10", json!({"price": "99.95"})).await;
    let rows = json!([row(&gateway, 2), row_with(&sensor, json!({"quantity": "3", "discount": "10 %"}))]);
    let quote = shop.quote(&shop.owner, rows).await.expect(201).json();
    let lines = &quote["data"]["lines"];
    let first = &lines["rows"][0];
    assert_eq!(first["name"], "Product GW-200");
    assert_eq!(first["sku"], "GW-200");
    assert_eq!((&first["list_price"], &first["unit_price"]), (&json!("1290.00"), &json!("1290.00")));
    assert_eq!((&first["extended"], &first["tax"]), (&json!("2580.00"), &json!("5.5")));
    assert_eq!(first["tax_amount"], "141.90");
    assert_eq!(lines["rows"][1]["extended"], "269.86", "299.85 less 29.985, which is 29.99");
    assert_eq!(lines["subtotal"], "2879.85");
    assert_eq!(lines["discount_total"], "29.99");
    assert_eq!(lines["tax_total"], "141.90");
    assert_eq!((&lines["amount"], &lines["currency"]), (&json!("2991.76"), &json!("USD")));
    assert_eq!(quote["data"]["total"], json!({"amount": "2991.76", "currency": "USD"}));
}

#[tokio::test]
async fn sums_that_do_not_agree_are_refused_at_their_places() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let quote = async |lines: serde_json::Value| shop.quote_with(&shop.owner, json!({"lines": lines})).await;
    let two = row(&sensor, 2);
    let wrong = quote(json!({"rows": [two, row_with(&sensor, json!({"extended": "100.01"}))]})).await;
    assert_eq!(faults(&wrong), ["/data/lines/rows/1/extended mismatch"]);
    assert!(wrong.text().contains("Line 2: The extended price is 100.00, not 100.01."), "{}", wrong.text());
    let wrong = quote(json!({"rows": [two], "amount": "199.99"})).await;
    assert_eq!(faults(&wrong), ["/data/lines/amount mismatch"]);
    quote(json!({"rows": [two], "amount": 200, "subtotal": "200", "tax_total": "0"})).await.expect(201);

    let both = json!({"total": "5.00", "lines": {"rows": [two]}});
    assert_eq!(faults(&shop.quote_with(&shop.owner, both).await), ["/data/total mismatch"]);
    let both = json!({"total": "200.00", "lines": {"rows": [two]}});
    let record = shop.quote_with(&shop.owner, both).await.expect(201).json();
    assert_eq!(
        faults(&patch(&shop.owner, &record, json!({"total": "5.00"})).await),
        ["/data/total mismatch"]
    );
    let plain = shop.quote_with(&shop.owner, json!({"total": "5.00"})).await.expect(201).json();
    patch(&shop.owner, &plain, json!({"total": "6.00"})).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_line_is_told_where_it_stands() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    for (changes, fault) in [
        (json!({"quantity": "0.999"}), "quantity min"),
        (json!({"quantity": "1000000001"}), "quantity max"),
        (json!({"quantity": "many"}), "quantity format"),
        (json!({"unit_price": "9.999"}), "unit_price precision"),
        (json!({"unit_price": "-1"}), "unit_price min"),
        (json!({"discount": {"percent": "100.5"}}), "discount max"),
        (json!({"discount": {"amount": "100.01"}}), "discount max"),
        (json!({"tax": "101"}), "tax max"),
        (json!({"product": null}), "product required"),
        (json!({"id": "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01"}), "id unknown_line"),
        (json!({"removed_at": "2026-11-21T00:00:00Z"}), "removed_at unknown_line"),
    ] {
        let answer = shop.quote(&shop.owner, json!([row(&sensor, 1), row_with(&sensor, changes)])).await;
        assert_eq!(faults(&answer), [format!("/data/lines/rows/1/{fault}")]);
    }
    assert_eq!(faults(&shop.quote(&shop.owner, json!([])).await)[0], "/data/lines/rows empty");
    let huge = row_with(&sensor, json!({"quantity": "1000000000", "unit_price": "1000001.00"}));
    assert_eq!(faults(&shop.quote(&shop.owner, json!([huge])).await), ["/data/lines/rows/0/unit_price max"]);
}

#[tokio::test]
async fn lists_are_filtered_and_sorted_by_the_total_of_the_lines() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    for quantity in [2, 30, 4] {
        shop.quote(&shop.owner, json!([row(&sensor, quantity)])).await.expect(201);
    }
    let list = async |query: &str| {
        let page = shop.owner.get(&format!("/api/v1/records/quotes?{query}")).await.expect(200).json();
        let records = page["data"].as_array().cloned().unwrap_or_default();
        records.iter().map(|record| record["data"]["lines"]["amount"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list("sort=-lines").await, ["3000.00", "400.00", "200.00"]);
    assert_eq!(list("filter=lines%20%3E%20300%20and%20lines%20%3C%203000").await, ["400.00"]);
    let document = shop.owner.get("/api/v1/openapi.json").await.expect(200).json();
    let lines =
        &document["components"]["schemas"]["QuotesInput"]["properties"]["data"]["properties"]["lines"];
    assert!(lines["properties"]["rows"]["items"]["properties"]["unit_price"].is_object(), "{lines}");
}

#[tokio::test]
async fn an_unchanged_echo_changes_nothing_and_a_stale_sum_is_refused() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let quote = shop.quote(&shop.owner, json!([row(&sensor, 2)])).await.expect(201).json();
    let echo = patch(&shop.owner, &quote, quote["data"].clone()).await;
    // The number of the quote is read-only, and sent back as it was.
    assert_eq!(echo.expect(200).json()["version"], 1);
    let mut lines = quote["data"]["lines"].clone();
    lines["rows"][0]["quantity"] = json!("3");
    let stale = patch(&shop.owner, &quote, json!({"lines": lines})).await;
    assert_eq!(faults(&stale), ["/data/lines/rows/0/extended mismatch"]);
    let line = &quote["data"]["lines"]["rows"][0];
    let fresh = json!({"rows": [{"id": line["id"], "product": line["product"], "quantity": 3}]});
    let changed = patch(&shop.owner, &quote, json!({"lines": fresh})).await.expect(200).json();
    assert_eq!(changed["data"]["lines"]["amount"], "300.00");
    assert_eq!(changed["data"]["total"]["amount"], "300.00");
    assert_eq!(shop.owner.get(&at(&changed)).await.json()["data"]["lines"]["rows"][0]["id"], line["id"]);
}
