//! Formulas: in the write, in the right order, refused where they cannot be.

use serde_json::json;

use super::{add_field, create, expect_right, now};
use crate::conditions::{change, corporate, sell};
use crate::records::starter;

#[tokio::test]
async fn a_formula_is_computed_with_every_write_and_is_filtered_and_sorted_by() {
    let (_app, owner, acme) = corporate("acme").await;
    let deal = sell(&owner, &acme, "1234.56").await;
    assert_eq!(deal["data"]["weighted"], json!({"amount": "123.46", "currency": "USD"}));
    let deal = change(&owner, &deal, json!({"stage": "proposal"})).await.expect(200).json();
    assert_eq!(deal["data"]["weighted"]["amount"], "617.28");
    let euros = json!({"data": {"amount": {"amount": "10", "currency": "EUR"}}});
    let deal = change(&owner, &deal, euros).await.expect(200).json();
    assert_eq!(deal["data"]["weighted"], json!({"amount": "5.00", "currency": "EUR"}));

    sell(&owner, &acme, "900").await;
    let list = owner.get("/api/v1/records/deals?filter=weighted%20%3E%2050&sort=-weighted").await;
    assert_eq!(list.expect(200).json()["data"][0]["data"]["weighted"]["amount"], "90.00");
    let typed = change(&owner, &deal, json!({"data": {"weighted": "7"}})).await;
    assert_eq!(typed.expect_problem(422, "invalid-record").pointers(), ["/data/weighted"]);
}

#[tokio::test]
async fn formulas_may_use_formulas_and_are_computed_for_what_is_there() {
    let (app, owner) = starter("acme").await;
    let old = create(&owner, "items", json!({"name": "Chair", "amount": "10"})).await;
    for (key, kind, source) in [
        ("gross", "money", "amount * 1.19"),
        ("tax", "money", "gross - amount"),
        ("large", "boolean", "gross > 100"),
        ("tag", "text", "concat(name, \" \", tax)"),
        ("due", "date", "due_on + days(14)"),
    ] {
        let field = json!({"key": key, "label": key, "type": kind, "formula": {"expr": source}});
        add_field(&owner, "items", field).await.expect(201);
    }
    let data = now(&owner, &old).await["data"].clone();
    assert_eq!((&data["gross"]["amount"], &data["tax"]["amount"]), (&json!("11.90"), &json!("1.90")));
    assert_eq!((&data["large"], &data["tag"], data.get("due")), (&json!(false), &json!("Chair 1.9"), None));
    let new = json!({"name": "Table", "amount": "100", "due_on": "2026-02-20"});
    let new = create(&owner, "items", new).await;
    assert_eq!((&new["data"]["large"], &new["data"]["due"]), (&json!(true), &json!("2026-03-06")));
    expect_right(&app, "acme").await;
}

#[tokio::test]
async fn a_formula_that_cannot_be_is_refused_where_it_stands() {
    let (_app, owner) = starter("acme").await;
    for (kind, source, said) in [
        ("integer", "amount + ", "the expression ends"),
        ("integer", "name", "the formula gives text, but a field of type integer holds number"),
        ("date", "today()", "cannot depend on now(), today() or user"),
        ("text", "if(assignee == user, \"mine\", \"theirs\")", "cannot depend on"),
        ("integer", "extra + 1", "unknown field"),
        ("email", "contact_email", "cannot be derived"),
    ] {
        let field = json!({"key": "other", "label": "Other", "type": kind, "formula": {"expr": source}});
        let answer = add_field(&owner, "items", field).await.expect_problem(422, "invalid-definition");
        assert!(answer.text().contains(said), "{source}: {}", answer.text());
    }
    let both = json!({"key": "other", "label": "Other", "type": "integer", "required": true,
        "formula": {"expr": "1"}, "rollup": {"relation": "items.x", "function": "count"}});
    let answer = add_field(&owner, "items", both).await.expect_problem(422, "invalid-definition");
    assert_eq!(answer.pointers(), ["/formula", "/required"]);
}

#[tokio::test]
async fn a_circle_is_refused_and_named() {
    let (_app, owner) = starter("acme").await;
    let own = json!({"key": "loop", "label": "Loop", "type": "integer", "formula": {"expr": "loop + 1"}});
    let answer = add_field(&owner, "items", own).await.expect_problem(422, "invalid-definition");
    assert!(answer.text().contains("items.loop → items.loop"), "{}", answer.text());

    let (_app, owner, _) = corporate("corp").await;
    let wide = json!({"key": "share", "label": "Share", "type": "money",
        "lookup": {"relation": "organization", "field": "all_shares"}});
    add_field(&owner, "deals", wide.clone()).await.expect(422);
    let sum = json!({"key": "parts", "label": "Parts", "type": "money",
        "rollup": {"relation": "organizations.parent", "function": "sum", "field": "parts"}});
    let answer = add_field(&owner, "organizations", sum).await.expect_problem(422, "invalid-definition");
    assert!(answer.text().contains("organizations.parts → organizations.parts"), "{}", answer.text());
}
