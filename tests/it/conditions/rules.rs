//! Seen, asked for, locked, refused, warned.

use serde_json::json;

use super::{DEALS, change, corporate, deal, sell};

async fn add_field(owner: &crate::kit::Client, definition: serde_json::Value) -> crate::kit::Answer {
    owner.post("/api/v1/modules/deals/fields", &definition).await
}

#[tokio::test]
async fn a_value_is_asked_for_where_its_condition_holds_and_not_where_it_is_hidden() {
    let (_app, owner, acme) = corporate("acme").await;
    let record = sell(&owner, &acme, "100").await;
    let lost = change(&owner, &record, json!({"stage": "lost"})).await;
    assert_eq!(lost.expect_problem(422, "invalid-record").pointers(), ["/data/lost_reason"]);
    let lost = json!({"stage": "lost", "data": {"lost_reason": "price"}});
    change(&owner, &record, lost).await.expect(200);

    let seen = json!({"key": "reference", "label": "Reference", "type": "text", "required": true,
        "visible_when": "amount > 1000"});
    add_field(&owner, seen).await.expect(201);
    sell(&owner, &acme, "1000").await;
    let large = owner.post(DEALS, &json!({"data": deal(&acme, "1001")})).await;
    assert_eq!(large.expect_problem(422, "invalid-record").pointers(), ["/data/reference"]);
}

#[tokio::test]
async fn a_broken_rule_refuses_a_write_and_a_warning_comes_with_its_answer() {
    let (_app, owner, acme) = corporate("acme").await;
    let mut data = deal(&acme, "100");
    data["closed_on"] = json!("2026-01-10");
    let refused = owner.post(DEALS, &json!({"data": data})).await;
    let refused = refused.expect_problem(422, "invalid-record");
    assert_eq!(refused.pointers(), ["/data/closed_on"]);
    assert_eq!(refused.json()["errors"][0]["code"], "rule.close_after_end");
    let won = owner.post(DEALS, &json!({"data": data, "stage": "won"})).await.expect(201).json();
    assert_eq!(won.get("warnings"), None);

    let warned = change(&owner, &won, json!({"data": {"recurring": "200"}})).await.expect(200).json();
    assert_eq!(warned["warnings"][0]["pointer"], "/data/recurring");
    assert_eq!(warned["warnings"][0]["code"], "rule.recurring_share");
    assert_eq!(warned["data"]["recurring"]["amount"], "200.00");
}

#[tokio::test]
async fn what_is_locked_stays_as_it_is() {
    let (app, owner, acme) = corporate("acme").await;
    let once = json!({"key": "contract", "label": "Contract", "type": "text", "set_once": true});
    add_field(&owner, once).await.expect(201);
    let locked = json!({"key": "terms", "label": "Terms", "type": "text",
        "read_only_when": "stage == \"won\" and not has_role(\"admin\")"});
    add_field(&owner, locked).await.expect(201);
    let record = sell(&owner, &acme, "100").await;
    let data = json!({"data": {"contract": "C-1", "terms": "30 days"}, "stage": "won"});
    let record = change(&owner, &record, data).await.expect(200).json();

    let again = change(&owner, &record, json!({"data": {"contract": "C-2", "terms": "60 days"}})).await;
    assert_eq!(again.expect_problem(422, "invalid-record").pointers(), ["/data/contract", "/data/terms"]);
    // Nor in the write that would unlock it.
    let open = change(&owner, &record, json!({"stage": "proposal", "data": {"terms": "60 days"}})).await;
    assert_eq!(open.expect_problem(422, "invalid-record").pointers(), ["/data/terms"]);
    let admin = app.member(&owner, "admin").await;
    change(&admin, &record, json!({"data": {"terms": "60 days"}})).await.expect(200);
}

#[tokio::test]
async fn conditions_know_the_past_the_person_and_the_place() {
    let (_app, owner, acme) = corporate("acme").await;
    let condition = "not is_new and old.amount < amount and changed(amount) and user.role == \"owner\" \
                     and tenant.currency == \"USD\" and not changed(stage)";
    let field = json!({"key": "why", "label": "Why", "type": "text", "required_when": condition});
    add_field(&owner, field).await.expect(201);
    let record = sell(&owner, &acme, "100").await;
    let record = change(&owner, &record, json!({"data": {"amount": "90"}})).await.expect(200).json();
    let more = change(&owner, &record, json!({"data": {"amount": "95"}})).await;
    assert_eq!(more.expect_problem(422, "invalid-record").pointers(), ["/data/why"]);
    change(&owner, &record, json!({"data": {"amount": "95"}, "stage": "proposal"})).await.expect(200);
}

#[tokio::test]
async fn a_condition_that_cannot_be_held_is_refused_where_it_stands() {
    let (_app, owner, _) = corporate("acme").await;
    for (key, source, said) in [
        ("visible_when", "amout > 5", "unknown field 'amout' (did you mean 'amount'?)"),
        ("required_when", "amount", "expected a condition, found number"),
        ("read_only_when", "changed(amonut)", "unknown field 'amonut' (did you mean 'amount'?)"),
    ] {
        let field = json!({"key": "extra", "label": "Extra", "type": "text", key: source});
        let answer = add_field(&owner, field).await.expect_problem(422, "invalid-definition");
        assert_eq!(answer.pointers(), [format!("/{key}")]);
        assert!(answer.text().contains(said), "{}", answer.text());
    }
    let list = owner.get(&format!("{DEALS}?filter=changed(amount)")).await;
    assert!(list.expect(422).text().contains("only be asked in the conditions of a write"));
}
