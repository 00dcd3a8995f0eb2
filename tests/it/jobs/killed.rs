//! Processes that are killed in the middle of a job: nothing is lost, and nothing is done twice.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kit::{Database, PASSWORD, Process};

const ITEMS: usize = 9_999;

async fn number(database: &Database, sql: &str) -> i64 {
    let rows = database.as_superuser(sql).await;
    rows[0][0].as_deref().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Waits until the job has come further than this; false when it is done.
async fn passed(database: &Database, further: i64) -> bool {
    let begun = Instant::now();
    loop {
        if number(database, "select count(*) from jobs where state = 'done'").await == 1 {
            return false;
        }
        if number(database, "select done from jobs").await > further {
            return true;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "the job does not come on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_no_step_and_none_is_done_twice() {
    let database = Database::create().await;
    let first = Process::serve(&database);
    let body = json!({"name": "Olga Owner", "email": "owner@acme.example", "password": PASSWORD,
        "company": "Acme", "slug": "acme"});
    let (_, session) = first.post("/api/v1/signup", &body);
    let first = first.with_token(session["access_token"].as_str().expect("an access token"));
    assert_eq!(first.post("/t/acme/api/v1/workspace/template", &json!({"template": "blank"})).0, 201);
    let second = Process::serve(&database);
    let items: Vec<Value> = (0..ITEMS).map(|n| json!({"data": {"name": format!("n{n}")}})).collect();
    let order = json!({"action": "create", "items": items});
    let (status, job) = first.post("/t/acme/api/v1/records/items/bulk", &order);
    assert_eq!(status, 202, "{job}");
    let mut processes = vec![first, second];
    let mut kills = 0;
    while kills < 2 && passed(&database, 200 * (kills + 1)).await {
        let holder = database.as_superuser("select split_part(locked_by, '-', 1) from jobs").await;
        let Some(id) = holder[0][0].as_deref().and_then(|id| id.parse::<u32>().ok()) else { continue };
        // The process dies as by kill -9, in the middle of whatever it does.
        processes.retain(|process| process.id() != id);
        kills += 1;
        processes.push(Process::serve(&database));
    }
    assert_eq!(kills, 2, "the job was killed while it ran");
    while passed(&database, ITEMS as i64).await {}
    let distinct = "select count(distinct data ->> 'name') from records";
    assert_eq!(number(&database, distinct).await, ITEMS as i64);
    assert_eq!(number(&database, "select count(*) from records").await, ITEMS as i64);
    let created = "select count(*) from audit_log where action = 'created'";
    assert_eq!(number(&database, created).await, ITEMS as i64);
    assert_eq!(number(&database, "select (result ->> 'succeeded')::int from jobs").await, ITEMS as i64);
}
