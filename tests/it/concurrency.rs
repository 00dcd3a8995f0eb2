//! Many clients on few records: what one was told is written stays written, and history tells it in one line.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::kit::Client;
use crate::records::{ITEMS, add_field, at, create, patch, starter, version};

const CLIENTS: usize = 16;
/// So many of each client: a thousand in all, or ten thousand in a long run.
const ATTEMPTS: [usize; 2] = [63, 625];
const RECORDS: usize = 3;

/// Reads a record, adds one to its counter, and writes it if nobody was quicker; how often that went well.
async fn increment(client: Client, records: &[String], seed: usize, attempts: usize) -> BTreeMap<usize, i64> {
    let mut successes = BTreeMap::new();
    for attempt in 0..attempts {
        let chosen = (seed + attempt) % records.len();
        let record = client.get(&records[chosen]).await.expect(200).json();
        let next = record["data"]["counter"].as_i64().expect("a counter") + 1;
        let answer = patch(&client, &record, json!({"data": {"counter": next}})).await;
        match answer.status {
            200 => {
                let written = answer.json();
                assert_eq!(version(&written), version(&record) + 1);
                assert_eq!(written["data"]["counter"], next);
                *successes.entry(chosen).or_default() += 1;
            }
            412 => assert!(answer.json()["current_version"].as_i64() > record["version"].as_i64()),
            status => panic!("a writer got {status}: {}", answer.text()),
        }
    }
    successes
}

async fn history(client: &Client, record: &str) -> Vec<Value> {
    let (mut entries, mut query) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{record}/history{query}")).await.expect(200).json();
        entries.extend(page["data"].as_array().expect("entries").clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?cursor={next}");
    }
    entries.reverse();
    entries
}

#[tokio::test]
async fn no_update_is_lost() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "counter", "label": "Counter", "type": "integer", "default": 0})).await;
    let mut records = Vec::new();
    for n in 0..RECORDS {
        records.push(at(&create(&owner, json!({"name": format!("r{n}")})).await));
    }
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    let long = std::env::var("TRELLIS_LONG").is_ok();
    // Half of them ask another node, which has caches and connections of its own.
    let nodes = [owner.clone(), owner.through(&app.beside().await)];
    let attempts = ATTEMPTS[usize::from(long)];
    let clients = (0..CLIENTS).map(|seed| increment(nodes[seed % 2].clone(), &records, seed, attempts));
    let outcomes = join_all(clients).await;
    for (n, path) in records.iter().enumerate() {
        let successes: i64 = outcomes.iter().filter_map(|outcome| outcome.get(&n)).sum();
        assert!(successes > 0);
        let record = owner.get(path).await.expect(200).json();
        assert_eq!(record["data"]["counter"], successes);
        assert_eq!(record["version"], successes + 1);

        let entries = history(&owner, path).await;
        assert_eq!(entries.len() as i64, successes + 1);
        for (step, entry) in (0_i64..).zip(&entries) {
            assert_eq!(entry["version"], step + 1, "versions follow each other");
            let from = if step == 0 { Value::Null } else { json!(step - 1) };
            assert_eq!(entry["changes"]["counter"], json!({"from": from, "to": step}), "and so do values");
        }
    }
    let events =
        app.database().as_superuser("select count(*) = (select sum(version) from records) from events").await;
    assert_eq!(events, [[Some("t".to_owned())]], "one event a version");
}

/// Without a version in hand writers take turns; each sees what the last one wrote.
#[tokio::test]
async fn deletes_restores_and_changes_take_turns() {
    let (app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "x"})).await;
    let path = at(&record);
    let turns = (0..24).map(|n| {
        let (owner, path) = (owner.clone(), path.clone());
        async move {
            let now = version(&owner.get(&path).await.expect(200).json());
            let answer = match n % 3 {
                0 => owner.delete(&path, now).await,
                1 => owner.post(&format!("{path}/restore"), &json!({})).await,
                _ => owner.patch(&path, now, &json!({"data": {"notes": format!("n{n}")}})).await,
            };
            assert!([200, 204, 404, 412].contains(&answer.status), "{}", answer.text());
            usize::from(answer.status < 300)
        }
    });
    let successes: usize = join_all(turns).await.into_iter().sum();
    let last = owner.get(&path).await.expect(200).json();
    assert_eq!(last["version"], successes + 1);
    let told = history(&owner, &path).await;
    let versions: Vec<i64> = told.iter().filter_map(|entry| entry["version"].as_i64()).collect();
    assert_eq!(versions, (1..).take(successes + 1).collect::<Vec<i64>>());
    let listed =
        owner.get(&format!("{ITEMS}?trash={}", last["deleted_at"].is_string())).await.expect(200).json();
    assert_eq!(listed["data"], json!([last]));
    assert_eq!(app.database().as_superuser("select count(*) from records").await, [[Some("1".to_owned())]]);
}
