//! Expressions that are long, deep, or heavy.

use super::{refused, unharmed};
use crate::records::{ITEMS, create, footprint, starter};

fn query(filter: &str) -> String {
    format!("{ITEMS}?{}", serde_html_form::to_string([("filter", filter)]).expect("a query"))
}

#[tokio::test]
async fn an_expression_has_an_end() {
    let (app, owner) = starter("acme").await;
    create(&owner, serde_json::json!({"name": "x"})).await;
    let before = footprint(&app).await;
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{}name{} == 'x'", open.repeat(levels), close.repeat(levels))
    };
    for filter in [
        format!("name == '{}'", "x".repeat(5_000)),
        format!("name in [{}'x']", "'x',".repeat(1_200)),
        vec!["name == 'x'"; 300].join(" or "),
        "not ".repeat(1_000) + "true",
        nested("(", ")", 400),
        nested("lower(", ")", 17),
        "-".repeat(3_000) + "1 > 0",
        "[".repeat(3_000),
        "(".repeat(4_000),
        "name == \"\\u{110000}\"".into(),
        "name == 'x".into(),
        "'' '' ''".into(),
        "name = 'x'".into(),
        "name == 'x'; drop table records".into(),
        "record.data == 'x'".into(),
        "tenant_id == 'x'".into(),
        "name.name.name.name == 'x'".into(),
        "1 == 99999999999999999999999999999999999999".into(),
        "amount == 1e131071".into(),
        "\u{0}".into(),
        "😀".into(),
        "a".repeat(4_000),
    ] {
        refused(&owner.get(&query(&filter)).await, &filter);
    }
    unharmed(&app, &owner, &before).await;
}

/// What is allowed may be written as unkindly as one likes: the statement stays small and ends in time.
#[tokio::test]
async fn what_is_allowed_is_answered() {
    let (_app, owner) = starter("acme").await;
    for _ in 0..3 {
        create(&owner, serde_json::json!({"name": "x", "amount": "5", "due_on": "2026-01-01"})).await;
    }
    let wrap = |start: &str, levels: usize, step: &dyn Fn(String) -> String| {
        (0..levels).fold(start.to_owned(), |inner, _| step(inner))
    };
    let filters = [
        wrap("amount > 1", 14, &|inner| format!("({inner}) in [true, amount > 2]")),
        wrap("amount", 14, &|inner| format!("min({inner}, 5)")) + " == 5",
        wrap("amount", 14, &|inner| format!("if(amount > 2, {inner}, 1)")) + " == 5",
        wrap("name", 14, &|inner| format!("concat({inner}, name)")) + " contains 'xxx'",
        wrap("due_on", 1, &|inner| format!("({inner}{})", " + days(999999999)".repeat(40))) + " is empty",
        wrap("amount > 1", 15, &|inner| format!("not ({inner})")),
        format!("name in [{}'y']", "'x', ".repeat(200)),
        vec!["name == 'x'"; 60].join(" and "),
        format!("amount{} > 0", " * 1000000000".repeat(60)),
        "amount / 0 is empty and amount % 0 is empty".to_owned(),
    ];
    for filter in filters {
        let answer = owner.get(&query(&filter)).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    }
}
