//! Number series: no hole and no number twice, whoever writes, is refused or falls over at the same moment.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ITEMS, add_field, starter};
use crate::kit::{App, Client};

const WRITERS: usize = 8;
const TURNS: usize = 12;

async fn series() -> (App, Client) {
    let (app, owner) = starter("acme").await;
    let number =
        json!({"key": "ticket", "label": "Ticket", "type": "auto_number", "pattern": "N-{year}-{counter:4}"});
    add_field(&owner, number).await;
    add_field(&owner, json!({"key": "serial", "label": "Serial", "type": "text", "unique": true})).await;
    (app, owner)
}

/// One writer's turn: a record that is sound, one with a fault, one whose unique value only the database may refuse, or
/// several at once of which some are refused.
async fn write(client: &Client, writer: usize, turn: usize) {
    let named = |data: Value| json!({ "data": data });
    let answer = match turn % 4 {
        0 => client.post(ITEMS, &named(json!({"name": format!("{writer}-{turn}")}))).await,
        1 => client.post(ITEMS, &named(json!({"name": "x", "amount": "much"}))).await,
        2 => client.post(ITEMS, &named(json!({"name": "x", "serial": format!("{turn}")}))).await,
        _ => {
            let records =
                json!([{"data": {"name": "one"}}, {"data": {"amount": "1"}}, {"data": {"name": "two"}}]);
            client.post(&format!("{ITEMS}/bulk"), &json!({"action": "create", "items": records})).await
        }
    };
    assert!(matches!(answer.status, 200 | 201 | 422 | 503), "{}: {}", answer.status, answer.text());
}

async fn numbers(app: &App, year: &str) -> Vec<String> {
    let sql = format!("select data ->> 'ticket' from records where data ->> 'ticket' like 'N-{year}-%'");
    let rows = app.database().as_superuser(&sql).await;
    rows.into_iter().map(|row| row[0].clone().expect("a number")).collect()
}

#[tokio::test]
async fn a_series_has_no_hole_whatever_is_refused_at_the_same_moment() {
    let (app, owner) = series().await;
    let writers = (0..WRITERS).map(|writer| {
        let owner = owner.clone();
        async move {
            for turn in 0..TURNS {
                write(&owner, writer, turn).await;
            }
        }
    });
    join_all(writers).await;
    let year = app.state().clock.now().format("%Y").to_string();
    let given = numbers(&app, &year).await;
    let expected: BTreeSet<String> = (1..=given.len()).map(|n| format!("N-{year}-{n:04}")).collect();
    assert_eq!(given.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert!(given.len() > WRITERS * TURNS / 2, "{} were written", given.len());
}

#[tokio::test]
async fn a_series_begins_again_with_the_year() {
    let (app, owner) = series().await;
    for name in ["a", "b"] {
        owner.post(ITEMS, &json!({"data": {"name": name}})).await.expect(201);
    }
    let next = app.state().clock.now() + TimeDelta::days(366);
    let owner = crate::pipelines::later(&app, TimeDelta::days(366)).await;
    let record = owner.post(ITEMS, &json!({"data": {"name": "c"}})).await.expect(201).json();
    assert_eq!(record["data"]["ticket"], format!("N-{}-0001", next.format("%Y")));
}
