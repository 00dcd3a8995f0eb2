//! Pages of a list: whatever it is sorted by, walking them gives every record once, there and back.

mod cursor;
mod search;
mod view;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use trellis::expr::fold;

use crate::kit::Client;
use crate::records::{ITEMS, add_field, create, id, starter};

/// What the walks sort by: slotted fields and others, system fields.
const KEYS: [&str; 13] = [
    "words",
    "words_bare",
    "whole",
    "whole_bare",
    "flag_bare",
    "day",
    "day_bare",
    "hue",
    "title",
    "owner",
    "stage",
    "created_at",
    "version",
];

async fn fill(owner: &Client, runner: &mut TestRunner, records: usize) {
    for (key, ty) in [("words", "text"), ("whole", "integer"), ("flag", "boolean"), ("day", "date")] {
        add_field(owner, json!({"key": key, "label": key, "type": ty})).await;
        add_field(owner, json!({"key": format!("{key}_bare"), "label": key, "type": ty, "sortable": false}))
            .await;
    }
    let options = json!([{"key": "red", "label": "Red"}, {"key": "blue", "label": "Blue"}]);
    add_field(owner, json!({"key": "hue", "label": "Hue", "type": "choice", "options": options})).await;
    for _ in 0..records {
        insert(owner, runner).await;
    }
}

async fn insert(owner: &Client, runner: &mut TestRunner) -> String {
    let body = record().new_tree(runner).expect("a record").current();
    id(&owner.post(ITEMS, &body).await.expect(201).json()).to_owned()
}

/// Few different values, so that many records are level.
fn record() -> impl Strategy<Value = Value> {
    let words = || prop::option::of(select(vec!["a", "B", "b", "É", "e", "z z", "100%"]));
    let whole = || prop::option::of(-2..3);
    let day = || prop::option::of(select(vec!["2026-01-01", "1999-12-31", "2026-01-02"]));
    let flag = || prop::option::of(any::<bool>());
    let hue = prop::option::of(select(vec!["red", "blue"]));
    let stage = select(vec!["to_do", "done"]);
    ((words(), words(), whole(), whole()), (flag(), day(), day(), hue), select(vec!["x", "Y", "ž"]), stage, any::<bool>()).prop_map(
        |((words, words_bare, whole, whole_bare), (flag_bare, day, day_bare, hue), name, stage, owned)| {
            let mut body = json!({"stage": stage, "data": {"name": name, "words": words, "words_bare": words_bare, "whole": whole,
                "whole_bare": whole_bare, "flag_bare": flag_bare, "day": day, "day_bare": day_bare, "hue": hue}});
            if owned {
                body["owner"] = Value::Null;
            }
            body
        },
    )
}

/// Up to three keys, each in a direction.
fn sorts() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    prop::collection::vec((select(KEYS.to_vec()), any::<bool>()), 1..=3)
}

/// What two records are ordered by; none where the field is empty.
fn key(record: &Value, field: &str) -> Option<Value> {
    let value = match field {
        "title" => json!(fold(record["title"].as_str()?)),
        "owner" => record["owner"]["id"].clone(),
        "stage" => json!(["to_do", "in_progress", "done"].iter().position(|stage| record["stage"] == *stage)),
        "created_at" | "version" => record[field].clone(),
        "hue" => json!(["red", "blue"].iter().position(|hue| record["data"]["hue"] == *hue)),
        "words" | "words_bare" => json!(fold(record["data"][field].as_str()?)),
        field => record["data"][field].clone(),
    };
    (!value.is_null()).then_some(value)
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (left, right) => left.as_i64().cmp(&right.as_i64()),
    }
}

/// The order of a list: empty values last in either direction, level records by their ids.
fn order(left: &Value, right: &Value, sorts: &[(&str, bool)]) -> Ordering {
    for (field, descending) in sorts {
        let order = match (key(left, field), key(right, field)) {
            (Some(left), Some(right)) if *descending => compare(&right, &left),
            (Some(left), Some(right)) => compare(&left, &right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        };
        if order.is_ne() {
            return order;
        }
    }
    let order = id(left).cmp(id(right));
    if sorts.last().is_some_and(|(_, descending)| *descending) { order.reverse() } else { order }
}

fn text(sorts: &[(&str, bool)]) -> String {
    let keys =
        sorts.iter().map(|(field, descending)| format!("{}{field}", if *descending { "-" } else { "" }));
    keys.collect::<Vec<_>>().join(",")
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().expect("records").iter().map(|record| id(record).to_owned()).collect()
}

async fn page(owner: &Client, query: &str) -> Value {
    owner.get(&format!("{ITEMS}?count=none&{query}")).await.expect(200).json()
}

/// All pages from here on in one direction, each as it came.
async fn walk(owner: &Client, mut here: Value, direction: &str, limit: usize) -> Vec<Vec<String>> {
    let mut pages = vec![ids(&here)];
    while let Some(cursor) = here[direction].as_str() {
        here = page(owner, &format!("limit={limit}&cursor={cursor}")).await;
        pages.push(ids(&here));
        assert!(pages.len() < 300, "the walk does not end");
    }
    pages
}

#[tokio::test]
async fn every_walk_gives_the_whole_list_once() {
    let mut runner = TestRunner::deterministic();
    let (_app, owner) = starter("acme").await;
    fill(&owner, &mut runner, 45).await;
    for _ in 0..24 {
        let sorts = sorts().new_tree(&mut runner).expect("sort keys").current();
        let sort = format!("sort={}", text(&sorts));
        let limit = (1_usize..13).new_tree(&mut runner).expect("a limit").current();
        let whole = page(&owner, &format!("limit=100&{sort}")).await;
        let mut expected = whole["data"].as_array().expect("records").clone();
        expected.sort_by(|left, right| order(left, right, &sorts));
        let expected: Vec<String> = expected.iter().map(|record| id(record).to_owned()).collect();
        assert_eq!(ids(&whole), expected, "{sort}");

        let first = page(&owner, &format!("limit={limit}&{sort}")).await;
        assert_eq!(first["previous"], Value::Null);
        let pages = walk(&owner, first.clone(), "next", limit).await;
        assert_eq!(pages.concat(), expected, "{sort} in pages of {limit}");
        assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit));

        let last = last_page(&owner, first, limit).await;
        let mut back = walk(&owner, last, "previous", limit).await;
        back.reverse();
        assert_eq!(back.concat(), expected, "{sort} back in pages of {limit}");
    }
}

async fn last_page(owner: &Client, mut here: Value, limit: usize) -> Value {
    while let Some(cursor) = here["next"].as_str() {
        here = page(owner, &format!("limit={limit}&cursor={cursor}")).await;
    }
    here
}

#[tokio::test]
async fn records_that_come_in_between_move_no_others() {
    let mut runner = TestRunner::deterministic();
    let (_app, owner) = starter("acme").await;
    fill(&owner, &mut runner, 30).await;
    for sort in ["", "sort=words", "sort=-whole,words_bare", "sort=-title", "sort=day_bare,-flag_bare"] {
        let before = ids(&page(&owner, &format!("limit=100&{sort}")).await);
        let mut here = page(&owner, &format!("limit=4&{sort}")).await;
        let mut seen = ids(&here);
        while let Some(cursor) = here["next"].as_str().map(str::to_owned) {
            if seen.len() < 28 {
                insert(&owner, &mut runner).await;
            }
            here = page(&owner, &format!("limit=4&cursor={cursor}")).await;
            seen.extend(ids(&here));
        }
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{sort}: one came twice");
        let old: Vec<String> = seen.into_iter().filter(|id| before.contains(id)).collect();
        assert_eq!(old, before, "{sort}");
    }
}

#[tokio::test]
async fn the_trash_is_walked_like_any_list() {
    let (_app, owner) = starter("acme").await;
    for n in 0..7 {
        let record = create(&owner, json!({"name": format!("n{n}")})).await;
        owner.delete(&format!("{ITEMS}/{}", id(&record)), 1).await.expect(204);
    }
    create(&owner, json!({"name": "living"})).await;
    let mut here = page(&owner, "limit=3&trash=true&sort=title").await;
    let mut titles: Vec<Value> = Vec::new();
    loop {
        titles.extend(here["data"].as_array().expect("records").iter().map(|record| record["title"].clone()));
        let Some(cursor) = here["next"].as_str() else { break };
        here = page(&owner, &format!("limit=3&trash=true&cursor={cursor}")).await;
    }
    assert_eq!(titles, (0..7).map(|n| json!(format!("n{n}"))).collect::<Vec<_>>());
}
