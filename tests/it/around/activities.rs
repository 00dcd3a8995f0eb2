//! Activities: written once, read behind the record.

use chrono::TimeDelta;
use serde_json::json;

use super::{Office, contact, text};

#[tokio::test]
async fn an_activity_is_written_down_and_corrected_but_never_changed() {
    let Office { app, owner, reader, .. } = Office::open().await;
    let path = format!("{}/activities", contact(&owner, "Sen").await);
    let call = json!({"kind": "call", "subject": " Price ", "body": "Asked for a quote", "minutes": 12, "participants": ["Mara Sen"]});
    let call = owner.post(&path, &call).await.expect(201).json();
    assert_eq!((&call["subject"], &call["by"]["name"]), (&json!("Price"), &json!("Olga Owner")));
    let again = json!({"kind": "call", "subject": "Price list", "corrects": call["id"], "at": "2026-01-15T08:00:00Z"});
    let again = owner.post(&path, &again).await.expect(201).json();
    let list = reader.get(&path).await.expect(200).json();
    assert_eq!(list["data"][0]["id"], call["id"], "the latest comes first");
    assert_eq!((&list["data"][0]["corrected_by"], &list["data"][1]["corrects"]), (&again["id"], &call["id"]));
    // Not even who owns the tables changes one.
    let change = "do $$ begin update activities set subject = 'Never said'; raise exception 'it was changed';
                  exception when insufficient_privilege then null; end $$";
    app.database().as_superuser(change).await;
}

#[tokio::test]
async fn activities_come_in_pages() {
    let Office { app, owner, .. } = Office::open().await;
    let path = format!("{}/activities", contact(&owner, "Sen").await);
    for number in 0..27 {
        app.advance(TimeDelta::seconds(1));
        let note = json!({"kind": "note", "subject": format!("Note {number}")});
        owner.post(&path, &note).await.expect(201);
    }
    let first = owner.get(&path).await.expect(200).json();
    assert_eq!(first["data"].as_array().map(Vec::len), Some(25));
    let rest = owner.get(&format!("{path}?cursor={}", text(&first["next"]))).await.expect(200).json();
    let subjects: Vec<_> =
        rest["data"].as_array().expect("a list").iter().map(|a| text(&a["subject"])).collect();
    assert_eq!((subjects, &rest["next"]), (vec!["Note 1".to_owned(), "Note 0".to_owned()], &json!(null)));
}

#[tokio::test]
async fn every_fault_of_an_activity_is_told_at_its_place() {
    let Office { owner, .. } = Office::open().await;
    let (one, other) = (contact(&owner, "Sen").await, contact(&owner, "Rao").await);
    let note = json!({"kind": "note", "subject": "Elsewhere"});
    let elsewhere = owner.post(&format!("{other}/activities"), &note).await.expect(201).json();
    let bad = json!({
        "kind": "call", "subject": " ", "at": "2026-03-01T00:00:00Z", "minutes": -1, "participants": [""],
        "corrects": elsewhere["id"],
    });
    let refused = owner.post(&format!("{one}/activities"), &bad).await.expect_problem(422, "invalid-input");
    assert_eq!(refused.pointers(), ["/subject", "/at", "/minutes", "/participants/0", "/corrects"]);
    let kind = json!({"kind": "fax", "subject": "x"});
    assert_eq!(owner.post(&format!("{one}/activities"), &kind).await.expect(422).pointers(), ["/kind"]);
}

#[tokio::test]
async fn who_may_not_read_a_record_finds_no_activities_and_who_may_not_change_it_writes_none() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    let theirs = contact(&owner, "Sen").await;
    let own = contact(&worker, "Rao").await;
    let note = json!({"kind": "note", "subject": "Hello"});
    for path in ["activities", "comments", "tasks", "files", "followers"] {
        worker.get(&format!("{theirs}/{path}")).await.expect_problem(404, "not-found");
        worker.get(&format!("{own}/{path}")).await.expect(200);
    }
    worker.post(&format!("{theirs}/activities"), &note).await.expect_problem(404, "not-found");
    reader.post(&format!("{theirs}/activities"), &note).await.expect_problem(403, "forbidden");
    worker.post(&format!("{own}/activities"), &note).await.expect(201);
    // Products have no activities, and what is not switched on is not there.
    let product = json!({"data": {
        "name": "Bolt", "sku": "B-1", "category": "hardware", "unit": "piece", "price": {"amount": "1.00", "currency": "USD"},
    }});
    let product = owner.post("/api/v1/records/products", &product).await.expect(201).json();
    let path = format!("/api/v1/records/products/{}/activities", text(&product["id"]));
    let off = owner.get(&path).await.expect_problem(404, "not-found");
    assert!(off.text().contains("switch it on"), "{}", off.text());
    // A record in the trash keeps what was written and takes nothing more.
    owner.delete(&theirs, 1).await.expect(204);
    owner.get(&format!("{theirs}/activities")).await.expect(200);
    owner.post(&format!("{theirs}/activities"), &note).await.expect(404);
}
