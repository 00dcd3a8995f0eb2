//! Fields become quick to filter and sort by while others write, and stop being so.

use futures_util::future::join;
use serde_json::{Value, json};

use super::{create_many, job, work_off};
use crate::kit::Client;
use crate::records::{ITEMS, add_field, count, create, patch, starter};

const SLOT: &str = "/api/v1/modules/items/fields/shade/slot";

async fn field(client: &Client) -> Value {
    let module = client.get("/api/v1/modules/items").await.expect(200).json();
    let fields = module["fields"].as_array().expect("fields");
    fields.iter().find(|field| field["key"] == "shade").expect("the field").clone()
}

async fn shades(client: &Client) -> (usize, bool) {
    let page =
        client.get(&format!("{ITEMS}?filter=shade%20%3D%3D%20%22dark%22&limit=100")).await.expect(200).json();
    (page["data"].as_array().expect("records").len(), page["unindexed"] == json!(["shade"]))
}

#[tokio::test]
async fn a_field_becomes_quick_while_others_write() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "shade", "label": "Shade", "type": "text", "sortable": false})).await;
    let first = create(&owner, json!({"name": "a", "shade": "Dark"})).await;
    create_many(&owner, 1_100).await.expect(202);
    work_off(&app).await;
    let trashed = create(&owner, json!({"name": "t", "shade": "dark"})).await;
    owner.delete(&crate::records::at(&trashed), 1).await.expect(204);
    assert_eq!(shades(&owner).await, (1, true));
    let queued = owner.post(SLOT, &json!({})).await.expect(202);
    assert_eq!(
        (&field(&owner).await["indexed"], &field(&owner).await["indexing"]),
        (&json!(false), &json!(true))
    );
    owner.post(SLOT, &json!({})).await.expect_problem(409, "conflict");
    assert_eq!(shades(&owner).await, (1, true), "nobody reads a slot that is being filled");
    let writes = async {
        for n in 0..20 {
            create(&owner, json!({"name": format!("w{n}"), "shade": "dark"})).await;
        }
        patch(&owner, &first, json!({"data": {"shade": "pale"}})).await.expect(200);
    };
    join(work_off(&app), writes).await;
    assert_eq!(job(&owner, &queued).await["state"], "done");
    assert_eq!(field(&owner).await["indexed"], true);
    assert_eq!(shades(&owner).await, (20, false));
    let path = format!("{}/restore", crate::records::at(&trashed));
    owner.post(&path, &json!({})).await.expect(200);
    assert_eq!(shades(&owner).await, (21, false), "the trash was gone over too");
    let sorted = owner.get(&format!("{ITEMS}?sort=-shade&limit=1")).await.expect(200).json();
    assert_eq!(sorted["data"][0]["data"]["shade"], "pale");
    assert_eq!(count(&app, "records where version > 3").await, 0, "no record has a new version by it");
    owner.post(SLOT, &json!({})).await.expect(204);
    owner.request(axum::http::Method::DELETE, SLOT);
    owner.delete(SLOT, 1).await.expect(202);
    assert_eq!(shades(&owner).await, (21, true));
    work_off(&app).await;
    assert_eq!(shades(&owner).await, (21, true));
    let left = "records r join module_fields f on f.key = 'shade' where f.slot is not null";
    assert_eq!(count(&app, left).await, 0);
}

#[tokio::test]
async fn slots_end_and_who_may_not_shape_modules_gets_none() {
    let (app, owner) = starter("acme").await;
    add_field(&owner, json!({"key": "shade", "label": "Shade", "type": "integer", "sortable": false})).await;
    let worker = app.member(&owner, "worker").await;
    worker.post(SLOT, &json!({})).await.expect_problem(403, "forbidden");
    worker.delete(SLOT, 1).await.expect_problem(403, "forbidden");
    owner
        .post("/api/v1/modules/items/fields/nothing/slot", &json!({}))
        .await
        .expect_problem(404, "not-found");
    for n in 0..6 {
        add_field(&owner, json!({"key": format!("n{n}"), "label": "N", "type": "integer"})).await;
    }
    let refused = owner.post(SLOT, &json!({})).await.expect_problem(422, "limit-reached");
    assert!(refused.text().contains("Take it from another one"), "{}", refused.text());
    let other = "/api/v1/modules/items/fields/n0/slot";
    owner.delete(other, 1).await.expect(202);
    owner.post(SLOT, &json!({})).await.expect_problem(422, "limit-reached");
    work_off(&app).await;
    owner.post(SLOT, &json!({})).await.expect(202);
    work_off(&app).await;
    assert_eq!(field(&owner).await["indexed"], true);
    add_field(&owner, json!({"key": "mark", "label": "Mark", "type": "text", "unique": true})).await;
    owner.delete("/api/v1/modules/items/fields/mark/slot", 1).await.expect_problem(422, "invalid-definition");
}
