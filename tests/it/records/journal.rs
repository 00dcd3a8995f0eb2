//! Audit and outbox: written with the change, in its transaction, or not at all.

use serde_json::{Value, json};

use super::{ITEMS, at, create, footprint, id, patch, starter};

#[tokio::test]
async fn every_change_is_told_once() {
    let (app, owner) = starter("acme").await;
    let before = app.database().as_superuser("select count(*) from audit_log").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    let record =
        patch(&owner, &record, json!({"data": {"name": "Table"}, "stage": "done"})).await.expect(200).json();
    owner.delete(&at(&record), 2).await.expect(204);
    owner.post(&format!("{}/restore", at(&record)), &json!({})).await.expect(200);

    let history = owner.get(&format!("{}/history", at(&record))).await.expect(200).json();
    let entries = history["data"].as_array().cloned().unwrap_or_default();
    let told: Vec<(&Value, &Value)> =
        entries.iter().map(|entry| (&entry["action"], &entry["version"])).collect();
    let expected =
        [("restored", 4), ("deleted", 3), ("updated", 2), ("created", 1)].map(|(a, v)| (json!(a), json!(v)));
    assert_eq!(told, expected.iter().map(|(action, version)| (action, version)).collect::<Vec<_>>());
    assert_eq!(
        entries[2]["changes"],
        json!({"name": {"from": "Chair", "to": "Table"}, "stage": {"from": "to_do", "to": "done"}})
    );
    assert_eq!(entries[3]["changes"]["name"], json!({"from": null, "to": "Chair"}));
    assert_eq!((&entries[3]["actor_name"], &entries[3]["channel"]), (&json!("Olga Owner"), &json!("api")));

    let events =
        app.database().as_superuser("select kind, record_id, version, payload from events order by id").await;
    let kinds: Vec<&str> = events.iter().filter_map(|event| event[0].as_deref()).collect();
    assert_eq!(kinds, ["record.created", "record.updated", "record.deleted", "record.restored"]);
    assert!(events.iter().all(|event| event[1].as_deref() == Some(id(&record))));
    assert_eq!(events[1][3].as_deref(), Some(r#"["name", "stage"]"#), "keys, and no values");
    let after = app.database().as_superuser("select count(*) from audit_log").await;
    let number = |rows: &[Vec<Option<String>>]| rows[0][0].as_deref().and_then(|n| n.parse::<i64>().ok());
    assert_eq!(number(&after), number(&before).map(|n| n + 4));
}

#[tokio::test]
async fn change_and_journal_are_one_transaction() {
    let (app, owner) = starter("acme").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    let xmin = "select count(distinct x) from (select xmin::text as x from records union all
                select xmin::text from audit_log where record_id is not null union all select xmin::text from events) t";
    assert_eq!(app.database().as_superuser(xmin).await, [[Some("1".to_owned())]]);

    // Where the journal cannot be written, nothing is.
    for (broken, status) in [("events", 500), ("audit_log", 500)] {
        let constraint = format!(
            "alter table {broken} add constraint full_up check (version is null or version < 2) not valid"
        );
        app.database().as_superuser(&constraint).await;
        let before = footprint(&app).await;
        patch(&owner, &record, json!({"data": {"name": "Table"}})).await.expect(status);
        owner.delete(&at(&record), 1).await.expect(status);
        assert_eq!(footprint(&app).await, before, "{broken}");
        app.database().as_superuser(&format!("alter table {broken} drop constraint full_up")).await;
    }
    patch(&owner, &record, json!({"data": {"name": "Table"}})).await.expect(200);
}

#[tokio::test]
async fn a_refused_write_leaves_nothing() {
    let (app, owner) = starter("acme").await;
    let guest = app.member(&owner, "read_only").await;
    let record = create(&owner, json!({"name": "Chair"})).await;
    let before = footprint(&app).await;
    owner.post(ITEMS, &json!({"data": {"name": "x", "due_on": "never"}})).await.expect(422);
    owner.post(ITEMS, &json!({"data": {"name": "x", "nonsense": null}})).await.expect(422);
    patch(&owner, &record, json!({"data": {"nonsense": null}})).await.expect(422);
    patch(&guest, &record, json!({"data": {"name": "x"}})).await.expect(403);
    owner.patch(&at(&record), 9, &json!({"data": {"name": "x"}})).await.expect(412);
    guest.delete(&at(&record), 1).await.expect(403);
    owner.delete(&at(&record), 9).await.expect(412);
    owner.post(&format!("{}/restore", at(&record)), &json!({})).await.expect(404);
    patch(&owner, &record, json!({"data": {"name": "Chair"}})).await.expect(200);
    assert_eq!(footprint(&app).await, before);
}

#[tokio::test]
async fn a_long_history_comes_in_pages() {
    let (_app, owner) = starter("acme").await;
    let mut record = create(&owner, json!({"name": "0"})).await;
    for n in 1..=60 {
        record = patch(&owner, &record, json!({"data": {"name": n.to_string()}})).await.expect(200).json();
    }
    let path = format!("{}/history", at(&record));
    let first = owner.get(&path).await.expect(200).json();
    let next = first["next"].as_str().expect("there are more");
    let second = owner.get(&format!("{path}?cursor={next}")).await.expect(200).json();
    let entries = [&first, &second].map(|page| page["data"].as_array().cloned().unwrap_or_default()).concat();
    let versions: Vec<i64> = entries.iter().filter_map(|entry| entry["version"].as_i64()).collect();
    assert_eq!(versions, (1..=61).rev().collect::<Vec<_>>());
    assert_eq!(second["next"], Value::Null);
    owner.get(&format!("{path}?cursor=x")).await.expect(400);
}
