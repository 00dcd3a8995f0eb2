//! The trash is emptied when its time has come, and history says so.

use chrono::TimeDelta;
use serde_json::json;
use trellis::worker::keep_house_once;

use super::background;
use crate::records::{at, count, create, id, starter};

#[tokio::test]
async fn the_trash_is_emptied_after_its_time() {
    let (app, owner) = starter("acme").await;
    let (old, kept) =
        (create(&owner, json!({"name": "old"})).await, create(&owner, json!({"name": "kept"})).await);
    owner.delete(&at(&old), 1).await.expect(204);
    app.advance(TimeDelta::days(20));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    let young = create(&owner, json!({"name": "young"})).await;
    owner.delete(&at(&young), 1).await.expect(204);
    app.advance(TimeDelta::days(9));
    keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!(count(&app, "records").await, 3);
    app.advance(TimeDelta::days(2));
    keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!(count(&app, "records").await, 2);
    let told =
        format!("audit_log where record_id = '{}' and action = 'purged' and channel = 'system'", id(&old));
    assert_eq!(count(&app, &told).await, 1);
    assert_eq!(count(&app, &format!("records where id = '{}'", id(&kept))).await, 1);
    let longer = "update modules set definition = definition || '{\"retention\": {\"trash_days\": 400}}'";
    app.database().as_superuser(longer).await;
    app.advance(TimeDelta::days(300));
    keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!(count(&app, "records").await, 2, "the module says how long");
}

#[tokio::test]
async fn links_go_with_the_record_and_many_go_in_batches() {
    let (app, owner) = starter("acme").await;
    let field = json!({"key": "part_of", "label": "Part of", "type": "relation", "module": "items"});
    crate::records::add_field(&owner, field).await;
    let whole = create(&owner, json!({"name": "whole"})).await;
    let part = create(&owner, json!({"name": "part", "part_of": id(&whole)})).await;
    owner.delete(&at(&whole), 1).await.expect(204);
    let copies =
        "insert into records (tenant_id, id, module, created_at, updated_at, deleted_at, source, title, data)
        select tenant_id, gen_random_uuid(), module, created_at, updated_at, deleted_at, source, title, data
        from records, generate_series(1, 1200) where deleted_at is not null";
    app.database().as_superuser(copies).await;
    app.advance(TimeDelta::days(31));
    keep_house_once(&background(&app)).await.expect("the house is kept");
    assert_eq!([count(&app, "records").await, count(&app, "record_links").await], [1, 0]);
    assert_eq!(count(&app, "audit_log where action = 'purged'").await, 1201);
    let session = app.sign_in("owner@acme.example", "acme").await;
    session.get(&at(&part)).await.expect(200);
}
