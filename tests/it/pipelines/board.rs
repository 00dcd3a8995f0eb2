//! Boards: kept totals equal a recount, whoever wrote and however many at once; readers of a part see that part.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{PROGRESS, add_second, gate, item, later, patch_any, remove, to};
use crate::kit::{App, Client};
use crate::records::{ITEMS, at, starter};

const BOARD: &str = "/api/v1/records/items/board";

/// Count and sums of each stage, in order.
async fn board(client: &Client, query: &str) -> Vec<(i64, Value)> {
    let board = client.get(&format!("{BOARD}{query}")).await.expect(200).json();
    let stages = board["stages"].as_array().expect("stages").iter();
    stages.map(|stage| (stage["count"]["value"].as_i64().expect("a count"), stage["sums"].clone())).collect()
}

/// What the stages of the starter pipeline hold, by the records themselves.
async fn recounted(app: &App) -> Vec<Vec<Option<String>>> {
    app.database()
        .as_superuser(
            "select s.stage, coalesce(r.records, 0), coalesce(r.amount, 0) from generate_series(1, 4) as s (stage)
             left join (select stage, count(*) as records, sum((data -> 'amount' ->> 'amount')::numeric) as amount
               from records where deleted_at is null group by 1) r on r.stage = s.stage
             order by 1",
        )
        .await
}

async fn kept(app: &App) -> Vec<Vec<Option<String>>> {
    app.database()
        .as_superuser(
            "select s.stage, coalesce(sum(t.records), 0), coalesce(sum(t.amount), 0)
             from generate_series(1, 4) as s (stage) left join stage_totals t on t.stage = s.stage
             group by 1 order by 1",
        )
        .await
}

fn numbers(rows: Vec<Vec<Option<String>>>) -> Vec<Vec<f64>> {
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).expect("a number");
    rows.into_iter().map(|row| row.into_iter().map(number).collect()).collect()
}

async fn priced(client: &Client, stage: &str, amount: Value) -> Value {
    let body = json!({"data": {"name": stage, "amount": amount}, "stage": stage});
    client.post(ITEMS, &body).await.expect(201).json()
}

#[tokio::test]
async fn a_board_counts_and_adds_up_what_its_stages_hold() {
    let (app, owner) = starter("acme").await;
    let chair = priced(&owner, "to_do", json!("10.50")).await;
    priced(&owner, "to_do", json!({"amount": "4", "currency": "EUR"})).await;
    patch_any(&owner, PROGRESS, &json!({"amount": "amount"})).await.expect(200);
    let usd = |amount: &str| json!([{"currency": "USD", "amount": amount}]);
    let both = json!([{"currency": "EUR", "amount": "4"}, {"currency": "USD", "amount": "10.5"}]);
    let none = (0, json!([]));
    assert_eq!(board(&owner, "").await, [(2, both), none.clone(), none.clone(), none.clone()]);
    priced(&owner, "done", json!("1")).await;
    patch_any(&owner, &at(&chair), &json!({"data": {"amount": "20"}, "stage": "done"})).await.expect(200);
    assert_eq!(board(&owner, "").await[2], (2, usd("21")));
    remove(&owner, &at(&chair)).await.expect(204);
    assert_eq!(board(&owner, "").await[2], (1, usd("1")));
    owner.post(&format!("{}/restore", at(&chair)), &json!({})).await.expect(200);
    assert_eq!(board(&owner, "").await[2], (2, usd("21")));
    assert_eq!(numbers(kept(&app).await), numbers(recounted(&app).await));
    // A filter is computed, and says the same.
    assert_eq!(board(&owner, "?filter=not%20is_empty(name)").await, board(&owner, "").await);
    assert_eq!(board(&owner, "?filter=amount%20%3E%205").await[2], (1, usd("20")));
    assert_eq!(
        owner.get(&format!("{BOARD}?pipeline=x")).await.expect(422).json()["errors"][0]["parameter"],
        "pipeline"
    );
}

#[tokio::test]
async fn cards_are_the_newest_of_each_stage_and_say_when_they_are_forgotten() {
    let (app, mut owner) = starter("acme").await;
    gate(&owner, json!({"to_do": {"rot_after": 3}})).await.expect(200);
    for name in ["a", "b", "c"] {
        owner.post(ITEMS, &json!({"data": {"name": name}})).await.expect(201);
        owner = later(&app, TimeDelta::days(2)).await;
    }
    let shown = owner.get(&format!("{BOARD}?limit=2")).await.expect(200).json();
    let first = &shown["stages"][0];
    let cards: Vec<_> =
        first["cards"].as_array().expect("cards").iter().map(|it| (&it["title"], &it["rotting"])).collect();
    assert_eq!(cards, [(&json!("c"), &json!(false)), (&json!("b"), &json!(true))]);
    assert_eq!((&first["more"], &first["count"]), (&json!(true), &json!({"value": 3, "exact": true})));
    assert_eq!(shown["stages"][1]["more"], false);
    owner.get(&format!("{BOARD}?limit=101")).await.expect_problem(422, "invalid-query");
}

#[tokio::test]
async fn a_reader_of_own_records_has_a_board_of_them() {
    let (app, owner) = starter("acme").await;
    let worker = app.member(&owner, "worker").await;
    item(&owner, "to_do").await;
    item(&worker, "done").await;
    let counts = |board: Vec<(i64, Value)>| board.into_iter().map(|(count, _)| count).collect::<Vec<_>>();
    assert_eq!(counts(board(&worker, "").await), [0, 0, 1, 0]);
    assert_eq!(counts(board(&owner, "").await), [1, 0, 1, 0]);
    let corporate = app.sign_up_with("corp", "corporate", false).await;
    let support = app.member(&corporate, "support").await;
    support.get("/api/v1/records/deals/board").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn totals_follow_records_that_move_because_their_stage_goes_away() {
    let (app, owner) = starter("acme").await;
    add_second(&owner).await;
    patch_any(&owner, PROGRESS, &json!({"amount": "amount"})).await.expect(200);
    let body = json!({"data": {"name": "a", "amount": "7"}, "pipeline": "second", "stage": "doing"});
    owner.post(ITEMS, &body).await.expect(201);
    remove(&owner, "/api/v1/pipelines/second?move_to=progress.done").await.expect(204);
    assert_eq!(board(&owner, "").await[2], (1, json!([{"currency": "USD", "amount": "7"}])));
    assert_eq!(numbers(kept(&app).await), numbers(recounted(&app).await));
}

/// A writer's next step: moves, prices, throws away, brings back.
async fn step(client: &Client, record: &Value, seed: usize) {
    let stage = ["to_do", "in_progress", "done", "dropped"][seed % 4];
    let answer = match seed % 7 {
        0 => remove(client, &at(record)).await,
        1 => client.post(&format!("{}/restore", at(record)), &json!({})).await,
        2 => patch_any(client, &at(record), &json!({"data": {"amount": seed.to_string()}})).await,
        3 => {
            priced(client, stage, json!("1.25")).await;
            return;
        }
        _ => to(client, record, stage).await,
    };
    // Somebody else may have thrown it away or brought it back; nothing else stands in the way.
    assert!(matches!(answer.status, 200 | 204 | 404), "{}: {}", answer.status, answer.text());
}

#[tokio::test]
async fn totals_equal_a_recount_after_many_writers_at_once() {
    let (app, owner) = starter("acme").await;
    patch_any(&owner, PROGRESS, &json!({"amount": "amount"})).await.expect(200);
    let mut records = Vec::new();
    for n in 0..6 {
        records.push(priced(&owner, "to_do", json!(n)).await);
    }
    let writers = (0..12_usize).map(|writer| {
        let (client, records) = (owner.clone(), records.clone());
        async move {
            for turn in 0..40_usize {
                let seed = (writer * 7_919 + turn * 104_729) / 3;
                step(&client, &records[seed % records.len()], seed).await;
            }
        }
    });
    join_all(writers).await;
    assert_eq!(numbers(kept(&app).await), numbers(recounted(&app).await));
    let open = "select count(*) from (select record_id from stage_history where left_at is null
                group by record_id having count(*) > 1) x";
    assert_eq!(app.database().as_superuser(open).await[0][0].as_deref(), Some("0"), "one stay is open");
    let rows = app.database().as_superuser("select count(*) from stage_totals").await;
    let rows: i64 = rows[0][0].as_deref().and_then(|text| text.parse().ok()).expect("a count");
    assert!(rows < 200, "{rows} rows: nobody folds them");
    let said = trellis::cli::totals::check(&app.state().identity, "acme", false).await.expect("it runs");
    assert!(said.contains("as they must be"), "{said}");
}

#[tokio::test]
async fn the_command_finds_and_repairs_totals_that_are_wrong() {
    let (app, owner) = starter("acme").await;
    patch_any(&owner, PROGRESS, &json!({"amount": "amount"})).await.expect(200);
    priced(&owner, "to_do", json!("3")).await;
    app.database().as_superuser("update stage_totals set records = 5, amount = 9").await;
    let identity = &app.state().identity;
    let wrong = trellis::cli::totals::check(identity, "acme", false).await;
    let wrong = format!("{:#}", wrong.expect_err("they are wrong"));
    assert!(wrong.contains("items to_do USD: kept 5 and 9, counted 1 and 3"), "{wrong}");
    assert_eq!(board(&owner, "").await[0].0, 5, "looking repairs nothing");
    trellis::cli::totals::check(identity, "acme", true).await.expect("it repairs");
    assert_eq!(board(&owner, "").await[0], (1, json!([{"currency": "USD", "amount": "3"}])));
    trellis::cli::totals::check(identity, "acme", false).await.expect("they are right");
    trellis::cli::totals::check(identity, "nobody", false).await.expect_err("there is no such workspace");
}

#[tokio::test]
async fn totals_follow_an_amount_that_gets_another_type() {
    let (app, owner) = starter("acme").await;
    let worth = json!({"key": "worth", "label": "Worth", "type": "money"});
    crate::records::add_field(&owner, worth).await;
    patch_any(&owner, PROGRESS, &json!({"amount": "worth"})).await.expect(200);
    for (name, worth) in [("a", "7"), ("b", "0.5")] {
        let body = json!({"data": {"name": name, "worth": worth}});
        let record = owner.post(ITEMS, &body).await.expect(201).json();
        if name == "b" {
            remove(&owner, &at(&record)).await.expect(204);
        }
    }
    let wish = json!({"to": {"type": "decimal", "scale": 2}, "dry_run": false});
    owner.post("/api/v1/modules/items/fields/worth/conversion", &wish).await.expect(200);
    assert_eq!(board(&owner, "").await[0], (1, json!([{"currency": "", "amount": "7"}])));
    trellis::cli::totals::check(&app.state().identity, "acme", false).await.expect("they are right");
}
