//! Templates with products and lines: what they name must be there and be of the right type.

use std::path::Path;

use serde_json::json;
use trellis::template::{self, Source};

use super::shop::{Shop, create};

#[test]
fn what_products_and_lines_name_is_checked_where_it_stands() {
    let source = Source::folder(Path::new("tests/it/line_faults/stall")).expect("the folder is there");
    let problems = template::load(&source).expect_err("the template has faults");
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!(
                "{}:{}: {}",
                problem.path.rsplit('/').next().unwrap_or_default(),
                problem.at.line,
                problem.message
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "goods.yaml:4: the field of the SKU must be unique",
            "goods.yaml:4: field 'name' is of type text, but money is needed here",
            "orders.yaml:9: field 'totl' does not exist in module 'orders' (did you mean 'total'?)",
            "orders.yaml:14: module 'visitors' has no products: it needs `product:` with sku and price",
            "orders.yaml:18: module 'wares' does not exist",
            "orders.yaml:23: field 'total' is of type money, but relation is needed here",
            "orders.yaml:23: this relation points at 'visitors', but 'goods' is needed here",
            "orders.yaml:23: field 'amount' is of type decimal, but money is needed here",
            "orders.yaml:6: a product is given as {ref: module/name}",
            "orders.yaml:12: field 'lines': Line 2: Enter at least 1.",
            "orders.yaml:15: sample 'goods/pear' does not exist (did you mean 'goods/apple'?)",
        ]
    );
}

#[tokio::test]
async fn the_samples_of_a_quote_add_up() {
    let app = crate::kit::App::start().await;
    let owner = app.sign_up_with("demo", "corporate", true).await;
    let page = owner.get("/api/v1/records/quotes?q=boiler").await.expect(200).json();
    let quote = &page["data"][0];
    assert_eq!(quote["data"]["lines"]["amount"], "21804.00");
    assert_eq!(quote["data"]["total"]["amount"], "21804.00");
    assert_eq!(quote["data"]["lines"]["rows"][2]["list_price"], "1450.00");
}

#[tokio::test]
async fn a_tenant_adds_lines_to_a_module_of_its_own_choice() {
    let shop = Shop::open().await;
    let field =
        |module: &str| json!({"key": "parts", "label": "Parts", "type": "line_items", "module": module});
    let refused = shop.owner.post("/api/v1/modules/cases/fields", &field("organizations")).await;
    assert_eq!(refused.expect(422).pointers(), ["/module"]);
    shop.owner.post("/api/v1/modules/cases/fields", &field("products")).await.expect(201);
    let sensor = shop.product("VS-10", json!({})).await;
    let data = json!({"subject": "Broken", "organization": shop.organization["id"], "parts": {"rows": [super::shop::row(&sensor, 3)]}});
    let case = create(&shop.owner, "cases", data).await;
    assert_eq!(case["data"]["parts"]["amount"], "300.00");
}
