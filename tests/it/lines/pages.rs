//! Lines in pages: a plain table of inputs that works without scripts, and the record page with its totals.

use serde_json::{Value, json};

use super::shop::{Shop, row};
use crate::kit::Answer;

/// The inputs of a line, in their order.
fn line(parts: [&str; 10]) -> Vec<(&str, &str)> {
    parts.into_iter().map(|part| ("lines", part)).collect()
}

async fn newest(shop: &Shop) -> Value {
    shop.owner.get("/api/v1/records/quotes").await.expect(200).json()["data"][0].clone()
}

/// The address to which an answer leads.
fn target(answer: &Answer) -> String {
    let location = answer.header("location").to_owned();
    location.split_once("/m/").map(|(_, rest)| format!("/m/{rest}")).expect("it leads to a record")
}

#[tokio::test]
async fn lines_are_typed_changed_and_taken_off_in_a_plain_form() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({})).await;
    let id = sensor["id"].as_str().expect("an id");
    let browser = shop.owner.browser().await;
    let form = browser.get("/m/quotes/new").await.expect(200).text();
    assert_eq!(form.matches("aria-label=\"Lines: quantity of line").count(), 3, "three empty lines");
    assert!(form.contains("Product VS-10"), "products are offered");

    let organization = shop.organization["id"].as_str().expect("an id");
    let head = [("subject", "Offer"), ("organization", organization), ("lines", "USD")];
    let mut fields = head.to_vec();
    fields.extend(line(["", id, "", "", "", "2", "", "", "", ""]));
    fields.extend(line(["", id, "", "", "", "0", "90.00", "5 %", "", ""]));
    fields.extend(line([""; 10]));
    let refused = browser.submit("/m/quotes/new", &fields).await.expect(422).text();
    assert!(refused.contains("Line 2: Enter at least 1."), "{refused}");
    assert!(refused.contains("value=\"90.00\""), "what was typed is not lost");
    assert_eq!(refused.matches("aria-label=\"Lines: quantity of line").count(), 5);

    fields[3 + 10 + 5].1 = "1";
    let page = browser.submit("/m/quotes/new", &fields).await.expect(303);
    let path = target(&page);
    let quote = newest(&shop).await;
    assert_eq!(quote["data"]["lines"]["amount"], "285.50", "2 × 100.00 and 90.00 less 5 %");
    let text = browser.get(&path).await.expect(200).text();
    assert!(text.contains("285.50") && text.contains("<del class=\"muted\">100.00</del> 90.00"), "{text}");
    assert!(text.contains("set another price"), "the history tells of the override");

    let row = |at: usize, key: &str| {
        quote["data"]["lines"]["rows"][at][key].as_str().unwrap_or_default().to_owned()
    };
    let (first, second) = (row(0, "id"), row(1, "id"));
    let mut fields = vec![("_version", "1"), ("lines", "USD")];
    fields.extend(line([&first, id, "Product VS-10", "VS-10", "100.00", "2", "100.00", "", "", "remove"]));
    fields.extend(line([&second, id, "Product VS-10", "VS-10", "100.00", "4", "90.00", "", "", ""]));
    browser.submit(&format!("{path}/edit"), &fields).await.expect(303);
    let quote = newest(&shop).await;
    assert_eq!(quote["data"]["lines"]["amount"], "360.00");
    let text = browser.get(&path).await.expect(200).text();
    assert!(text.contains("<del>Product VS-10</del>"), "the removed line is still told: {text}");
    let edit = browser.get(&format!("{path}/edit")).await.expect(200).text();
    assert!(edit.contains(">Removed</option>"), "{edit}");
}

#[tokio::test]
async fn an_untouched_form_leaves_lines_as_they_are() {
    let shop = Shop::open().await;
    let sensor = shop.product("VS-10", json!({"tax_rate": "7.5"})).await;
    shop.quote(&shop.owner, json!([row(&sensor, "2.5")])).await.expect(201);
    let quote = newest(&shop).await;
    let part = |key: &str| quote["data"]["lines"]["rows"][0][key].as_str().unwrap_or_default().to_owned();
    let parts = ["id", "product", "name", "sku", "list_price", "quantity", "unit_price", "discount", "tax"];
    let parts: Vec<String> = parts.iter().map(|key| part(key)).chain([String::new()]).collect();
    let mut fields = vec![("_version", "1"), ("lines", "USD")];
    fields.extend(parts.iter().map(|text| ("lines", text.as_str())));
    fields.extend(line([""; 10]));
    let browser = shop.owner.browser().await;
    let id = quote["id"].as_str().expect("an id");
    browser.submit(&format!("/m/quotes/r/{id}/edit"), &fields).await.expect(303);
    let same = newest(&shop).await;
    assert_eq!((&same["version"], &same["data"]["lines"]), (&json!(1), &quote["data"]["lines"]));
}
