//! Currencies: lines are in one, and prices in others come over by the rate of the day.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::shop::{Shop, faults, patch, row};

#[tokio::test]
async fn prices_in_another_currency_come_over_by_the_rate_of_the_day() {
    let mut shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let european = shop.product("EU-1", json!({"price": {"amount": "50.00", "currency": "EUR"}})).await;
    let data = json!({"lines": {"rows": [row(&sensor, 1), row(&european, 1)], "currency": "eur"}});
    let refused = shop.quote_with(&shop.owner, data.clone()).await;
    assert_eq!(faults(&refused), ["/data/lines/rows/0/product currency"]);
    assert!(refused.text().contains("no exchange rate leads from there to EUR"), "{}", refused.text());

    let body = json!({"data": [{"currency": "EUR", "rate": "1.08"}]});
    let put = shop.rate(&shop.owner, body).await.expect(200).json();
    assert_eq!((&put["base"], &put["data"][0]["rate"]), (&json!("USD"), &json!("1.08")));
    let quote = shop.quote_with(&shop.owner, data.clone()).await.expect(201).json();
    let lines = &quote["data"]["lines"];
    assert_eq!(lines["rows"][0]["list_price"], "92.59", "100.00 ÷ 1.08");
    assert_eq!((&lines["rows"][1]["list_price"], &lines["amount"]), (&json!("50.00"), &json!("142.59")));
    assert_eq!(quote["data"]["total"], json!({"amount": "142.59", "currency": "EUR"}));

    let rows = lines["rows"].clone();
    let dollars = patch(&shop.owner, &quote, json!({"lines": {"rows": rows, "currency": "USD"}})).await;
    assert_eq!(faults(&dollars), ["/data/lines/currency currency"], "amounts do not change their meaning");

    shop.wait(TimeDelta::days(2)).await;
    let next = json!({"data": [{"currency": "EUR", "rate": "1.25"}]});
    shop.rate(&shop.owner, next).await.expect(200);
    let later = shop.quote_with(&shop.owner, data).await.expect(201).json();
    assert_eq!(later["data"]["lines"]["rows"][0]["list_price"], "80.00");
    let all = shop.owner.get("/api/v1/exchange-rates?currency=EUR").await.expect(200).json();
    let rates: Vec<&Value> = all["data"].as_array().into_iter().flatten().map(|rate| &rate["rate"]).collect();
    assert_eq!(rates, ["1.25", "1.08"]);
}

#[tokio::test]
async fn a_rate_of_tomorrow_does_not_hold_today_and_one_of_the_same_day_is_replaced() {
    let shop = Shop::open().await;
    let today = "2026-11-21";
    let rates = json!({"data": [
        {"currency": "EUR", "valid_on": "2020-01-01", "rate": "2"},
        {"currency": "EUR", "valid_on": "2999-01-01", "rate": "4"},
        {"currency": "EUR", "valid_on": today, "rate": "1"},
        {"currency": "EUR", "valid_on": today, "rate": "1.6"},
    ]});
    shop.rate(&shop.owner, rates).await.expect(200);
    let all = shop.owner.get("/api/v1/exchange-rates").await.expect(200).json();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(3), "{all}");
    let european = shop.product("EU-1", json!({"price": {"amount": "50.00", "currency": "EUR"}})).await;
    let quote = shop.quote(&shop.owner, json!([row(&european, 1)])).await.expect(201).json();
    let price = &quote["data"]["lines"]["rows"][0]["list_price"];
    assert!(price == "80.00" || price == "100.00", "never tomorrow's: {price}");
}

#[tokio::test]
async fn rates_are_put_in_by_those_who_may_and_all_or_none() {
    let shop = Shop::open().await;
    let worker = shop.app.member(&shop.owner, "worker").await;
    let one = json!({"data": [{"currency": "EUR", "rate": "1.08"}]});
    shop.rate(&worker, one.clone()).await.expect_problem(403, "forbidden");
    let manager = shop.app.member(&shop.owner, "manager").await;
    shop.rate(&manager, one).await.expect(200);
    let wrong = json!({"data": [
        {"currency": "GBP", "rate": "1.3"},
        {"currency": "USD", "rate": "1"},
        {"currency": "QQQ", "rate": "0"},
        {"currency": "CHF", "rate": "1e3", "valid_on": "soon"},
    ]});
    let refused = shop.rate(&manager, wrong).await;
    assert_eq!(
        faults(&refused),
        [
            "/data/1/currency currency",
            "/data/2/currency currency",
            "/data/2/rate format",
            "/data/3/valid_on format",
            "/data/3/rate format",
        ]
    );
    assert_eq!(faults(&shop.rate(&manager, json!({"data": []})).await), ["/data length"]);
    let seen = worker.get("/api/v1/exchange-rates").await.expect(200).json();
    assert_eq!(seen["data"].as_array().map(Vec::len), Some(1), "the pound did not get in either: {seen}");
    let rival = shop.app.sign_up_with("rival", "corporate", false).await;
    let theirs = rival.get("/api/v1/exchange-rates").await.expect(200).json();
    assert_eq!(theirs["data"], json!([]), "rates are the workspace's own");
}
