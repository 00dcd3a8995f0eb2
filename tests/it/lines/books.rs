//! Price books: a record that chooses one gets its prices.

use serde_json::{Value, json};

use super::shop::{Shop, create, patch, row};

/// A book in which the product has these prices, one entry after the other.
async fn book(shop: &Shop, name: &str, product: &Value, prices: &[Value]) -> Value {
    let book = create(&shop.owner, "price_books", json!({"name": name})).await;
    for price in prices {
        let data = json!({"book": book["id"], "product": product["id"], "price": price});
        create(&shop.owner, "price_book_entries", data).await;
    }
    book
}

#[tokio::test]
async fn new_lines_take_the_prices_of_the_record_s_book() {
    let shop = Shop::open().await;
    let (sensor, gateway) = (shop.product("VS-10", json!({})).await, shop.product("GW-200", json!({})).await);
    let partners = book(&shop, "Partners", &sensor, &[json!("80.00")]).await;
    book(&shop, "Nobody's", &sensor, &[json!("1.00")]).await;
    let data = json!({"price_book": partners["id"], "lines": {"rows": [row(&sensor, 1), row(&gateway, 1)]}});
    let worker = shop.app.member(&shop.owner, "worker").await;
    let organization = create(&worker, "organizations", json!({"name": "Ironbend"})).await;
    let mut own = data.clone();
    own["subject"] = json!("Partner offer");
    own["organization"] = organization["id"].clone();
    let quote = create(&worker, "quotes", own).await;
    let prices: Vec<&Value> = (0..2).map(|at| &quote["data"]["lines"]["rows"][at]["list_price"]).collect();
    assert_eq!(prices, ["80.00", "100.00"], "a product that the book does not name has its own price");

    let plain = patch(&worker, &quote, json!({"price_book": null})).await.expect(200).json();
    assert_eq!(plain["data"]["lines"], quote["data"]["lines"], "lines that are there keep their prices");
    let mut rows = plain["data"]["lines"]["rows"].as_array().cloned().unwrap_or_default();
    rows.push(row(&sensor, 1));
    let more = patch(&worker, &plain, json!({"lines": {"rows": rows}})).await.expect(200).json();
    assert_eq!(more["data"]["lines"]["rows"][2]["list_price"], "100.00");
}

#[tokio::test]
async fn the_newest_entry_counts_and_those_in_the_trash_do_not() {
    let mut shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let partners = book(&shop, "Partners", &sensor, &[json!("80.00")]).await;
    shop.wait(chrono::TimeDelta::days(1)).await;
    let data = json!({"book": partners["id"], "product": sensor["id"], "price": "70.00"});
    let newer = create(&shop.owner, "price_book_entries", data).await;
    let price = async || {
        let data = json!({"price_book": partners["id"], "lines": {"rows": [row(&sensor, 1)]}});
        let quote = shop.quote_with(&shop.owner, data).await.expect(201).json();
        quote["data"]["lines"]["rows"][0]["list_price"].clone()
    };
    assert_eq!(price().await, "70.00");
    shop.owner.delete(&super::shop::at(&newer), 1).await.expect(204);
    assert_eq!(price().await, "80.00");
}
