//! Fields that hold files.

use serde_json::{Value, json};

use super::files::{PNG, upload};
use super::{Office, text, told};
use crate::kit::Client;

/// Adds fields of each kind to contacts.
async fn fields(owner: &Client) {
    for (key, kind) in [("contract", "file"), ("papers", "files"), ("portrait", "image")] {
        let field = json!({"key": key, "label": key, "type": kind});
        owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    }
}

fn contact(data: Value) -> Value {
    let mut data = data;
    data["first_name"] = json!("Mara");
    data["last_name"] = json!("Sen");
    json!({"data": data})
}

#[tokio::test]
async fn files_stand_in_fields_with_their_names_and_open_to_who_may_read_the_record() {
    let Office { owner, worker, reader, .. } = Office::open().await;
    fields(&owner).await;
    let pdf = upload(&owner, "contract.pdf", b"%PDF-1.7 a").await.expect(201).json();
    let other = upload(&owner, "annex.pdf", b"%PDF-1.7 b").await.expect(201).json();
    let image = upload(&owner, "mara.png", PNG).await.expect(201).json();
    let data = json!({"contract": pdf["id"], "papers": [other["id"], pdf["id"]], "portrait": image["id"]});
    let made = owner.post("/api/v1/records/contacts", &contact(data)).await.expect(201).json();
    assert_eq!(made["data"]["contract"], pdf);
    assert_eq!(made["data"]["papers"], json!([other, pdf]));
    let file = format!("/api/v1/files/{}", text(&image["id"]));
    reader.get(&file).await.expect(200);
    worker.get(&file).await.expect(404);

    // What is read can be sent back, and what is taken away is closed to others.
    let path = format!("/api/v1/records/contacts/{}", text(&made["id"]));
    let same = json!({"data": made["data"]});
    assert_eq!(owner.patch(&path, 1, &same).await.expect(200).json()["version"], 1);
    owner.patch(&path, 1, &json!({"data": {"portrait": null}})).await.expect(200);
    reader.get(&file).await.expect(404);
    let list =
        owner.get("/api/v1/records/contacts?filter=contract%20is%20not%20empty").await.expect(200).json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_field_takes_only_files_that_its_writer_may_read_and_images_only_images() {
    let Office { owner, worker, .. } = Office::open().await;
    fields(&owner).await;
    let pdf = upload(&owner, "contract.pdf", b"%PDF-1.7 a").await.expect(201).json();
    let wrong = contact(json!({"portrait": pdf["id"]}));
    let refused = owner.post("/api/v1/records/contacts", &wrong).await.expect_problem(422, "invalid-record");
    assert_eq!(refused.pointers(), ["/data/portrait"]);
    let theirs = contact(json!({"contract": pdf["id"], "papers": [pdf["id"]]}));
    let refused = worker.post("/api/v1/records/contacts", &theirs).await.expect(422);
    assert_eq!(refused.pointers(), ["/data/contract", "/data/papers"]);
    let nowhere = contact(json!({"contract": "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02"}));
    let unknown = worker.post("/api/v1/records/contacts", &nowhere).await.expect(422);
    assert_eq!(unknown.json()["errors"][0], refused.json()["errors"][0], "a foreign file is no file");
}

#[tokio::test]
async fn a_field_that_its_reader_does_not_know_of_opens_no_file_and_tells_of_no_change() {
    let Office { app, owner, reader, .. } = Office::open().await;
    fields(&owner).await;
    let pdf = upload(&owner, "contract.pdf", b"%PDF-1.7 a").await.expect(201).json();
    let made = owner.post("/api/v1/records/contacts", &contact(json!({}))).await.expect(201).json();
    let path = format!("/api/v1/records/contacts/{}", text(&made["id"]));
    reader.post(&format!("{path}/followers"), &json!({})).await.expect(200);
    owner.patch(&path, 1, &json!({"data": {"contract": pdf["id"]}})).await.expect(200);
    app.background().await;
    let file = format!("/api/v1/files/{}", text(&pdf["id"]));
    reader.get(&file).await.expect(200);
    assert_eq!(told(&reader).await.len(), 1);
    let retire = "update module_fields set retired_at = now() where key = 'contract';
                  update schema_versions set version = version + 1";
    app.database().as_superuser(retire).await;
    reader.get(&file).await.expect_problem(404, "not-found");
    assert!(told(&reader).await.is_empty(), "a change of nothing that is known is no news");
}
