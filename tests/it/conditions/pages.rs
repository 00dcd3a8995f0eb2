//! Forms: with what a script needs to follow the conditions, and judged the same without one.

use serde_json::Value;

use super::{corporate, sell};

#[tokio::test]
async fn a_form_carries_its_conditions_and_formulas_for_the_browser() {
    let (_app, owner, acme) = corporate("acme").await;
    let browser = owner.browser().await;
    let form = browser.get("/m/deals/new").await.expect(200).text();
    assert!(form.contains("data-field=\"lost_reason\"") && form.contains("data-computed"), "{form}");
    let deal = sell(&owner, &acme, "100").await;
    let edit = browser.get(&format!("/m/deals/r/{}/edit", deal["id"].as_str().expect("an id"))).await;
    let rules = rules(&edit.expect(200).text());
    assert_eq!(rules["facts"]["user.role"], "owner");
    assert_eq!(rules["old"]["amount"]["n"], "100");
    assert_eq!(rules["old"]["organization"], acme["id"], "the id alone");
    assert_eq!(rules["stages"]["sales.won"]["category"], "won");
    assert_eq!(rules["formulas"][0][0], "weighted");
    let visible = &rules["fields"]["lost_reason"]["visible"];
    assert_eq!(visible[0], "compare", "{rules}");
    let plain = browser.get("/m/products/new").await.expect(200).text();
    assert!(!plain.contains("data-rules"), "nothing where there are none");
}

/// The rules of a page's form.
fn rules(page: &str) -> Value {
    let escaped = page.split("data-rules=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("rules");
    let text =
        [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#x27;", "'"), ("&#x3D;", "="), ("&#x60;", "`")]
            .iter()
            .fold(escaped.to_owned(), |text, (code, sign)| text.replace(code, sign))
            .replace("&amp;", "&");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn a_form_without_scripts_is_judged_by_the_same_conditions() {
    let (_app, owner, acme) = corporate("acme").await;
    let deal = sell(&owner, &acme, "100").await;
    let browser = owner.browser().await;
    let path = format!("/m/deals/r/{}/edit", deal["id"].as_str().expect("an id"));
    let pairs = [("_version", "1"), ("_stage", "lost"), ("name", "Line 3")];
    let refused = browser.submit(&path, &pairs).await.expect(422).text();
    assert!(refused.contains("#f-lost_reason") && refused.contains("is required here"), "{refused}");
    let pairs = [("_version", "1"), ("_stage", "lost"), ("name", "Line 3"), ("lost_reason", "price")];
    browser.submit(&path, &pairs).await.expect(303);
}
