//! Uploaded files: kept by their content, read behind their records, never run by a browser.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Office, contact, text};
use crate::kit::{Answer, Client};

/// A PNG as far as its first bytes tell.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

pub async fn upload(client: &Client, name: &str, content: &[u8]) -> Answer {
    let disposition = format!("attachment; filename=\"{name}\"");
    let request = client
        .request(Method::POST, "/api/v1/files")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_DISPOSITION, disposition);
    client.app().send(request.body(Body::from(content.to_vec())).expect("a request")).await
}

fn path(file: &Value) -> String {
    format!("/api/v1/files/{}", text(&file["id"]))
}

/// Names of all files below a folder.
fn kept(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.expect("an entry").path();
        match entry.is_dir() {
            true => found.extend(kept(&entry)),
            false => found.push(entry.file_name().expect("a name").to_string_lossy().into_owned()),
        }
    }
    found
}

#[tokio::test]
async fn a_file_is_what_its_content_says_and_comes_back_as_an_attachment() {
    let Office { owner, .. } = Office::open().await;
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let file = upload(&owner, "../photo\u{fc}.png", page).await.expect(201).json();
    assert_eq!((&file["media_type"], &file["size"]), (&json!("text/html"), &json!(page.len())));
    let back = owner.get(&format!("{}?inline=1", path(&file))).await.expect(200);
    assert_eq!(back.body.as_ref(), page);
    assert_eq!(back.header("content-type"), "application/octet-stream");
    assert!(back.header("content-disposition").starts_with("attachment; filename="), "{:?}", back.headers);
    assert!(back.header("content-disposition").contains("filename*=UTF-8''photo"), "{:?}", back.headers);
    assert!(back.header("content-security-policy").contains("sandbox"), "{:?}", back.headers);
    assert_eq!(back.header("x-content-type-options"), "nosniff");
    let image = upload(&owner, "ring.html", PNG).await.expect(201).json();
    let shown = owner.get(&format!("{}?inline=1", path(&image))).await.expect(200);
    assert_eq!(shown.header("content-type"), "image/png");
    assert!(shown.header("content-disposition").starts_with("inline"), "{:?}", shown.headers);
    assert!(shown.header("content-security-policy").contains("sandbox"), "{:?}", shown.headers);
    let saved = owner.get(&path(&image)).await.expect(200);
    assert!(saved.header("content-disposition").starts_with("attachment"), "{:?}", saved.headers);
}

#[tokio::test]
async fn who_may_read_the_record_may_read_its_files_and_nobody_else() {
    let Office { owner, worker, reader, app } = Office::open().await;
    let file = upload(&owner, "contract.pdf", b"%PDF-1.7 secret").await.expect(201).json();
    for client in [&worker, &reader] {
        client.get(&path(&file)).await.expect_problem(404, "not-found");
    }
    assert_eq!(owner.get("/api/v1/files").await.expect(200).json()["data"][0]["name"], "contract.pdf");
    let record = contact(&owner, "Sen").await;
    let attached = format!("{record}/files");
    let files = json!({"files": [file["id"]]});
    reader.post(&attached, &files).await.expect_problem(403, "forbidden");
    owner.post(&attached, &files).await.expect(200);
    owner.post(&attached, &files).await.expect(200);
    assert_eq!(reader.get(&attached).await.expect(200).json()["data"].as_array().map(Vec::len), Some(1));
    reader.get(&path(&file)).await.expect(200);
    worker.get(&path(&file)).await.expect(404);
    // An id alone is no way to somebody else's file.
    let own = contact(&worker, "Rao").await;
    let refused = worker.post(&format!("{own}/files"), &files).await.expect_problem(422, "invalid-input");
    assert_eq!(refused.pointers(), ["/files/0"]);
    // Nor is it in another workspace.
    let stranger = app.sign_up_with("other", "corporate", false).await;
    stranger.get(&path(&file)).await.expect(404);

    let detach = format!("{attached}?file={}", text(&file["id"]));
    reader.delete(&detach, 1).await.expect(403);
    owner.delete(&detach, 1).await.expect(204);
    owner.delete(&detach, 1).await.expect(404);
    reader.get(&path(&file)).await.expect(404);
}

#[tokio::test]
async fn what_is_too_large_is_refused_while_it_arrives_and_leaves_nothing() {
    let Office { app, owner, .. } = Office::open().await;
    let refused = upload(&owner, "big.bin", &vec![7; 1024 * 1024 + 1]).await;
    refused.expect_problem(413, "body-too-large");
    let pieces = futures_util::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 64 * 1024])));
    let request =
        owner.request(Method::POST, "/api/v1/files").header(header::CONTENT_TYPE, "application/octet-stream");
    let endless = app.send(request.body(Body::from_stream(pieces)).expect("a request")).await;
    endless.expect_problem(413, "body-too-large");
    upload(&owner, "empty", b"").await.expect_problem(400, "malformed-request");
    assert_eq!(kept(app.files()), Vec::<String>::new());
}

#[tokio::test]
async fn the_same_content_is_kept_once_a_workspace_and_goes_with_its_last_file() {
    let Office { app, owner, .. } = Office::open().await;
    let other = app.sign_up_with("other", "corporate", false).await;
    let first = upload(&owner, "a.png", PNG).await.expect(201).json();
    let second = upload(&owner, "b.png", PNG).await.expect(201).json();
    upload(&other, "c.png", PNG).await.expect(201);
    assert_eq!(kept(app.files()).len(), 2, "once for each workspace, so that nobody learns what others have");
    let record = contact(&owner, "Sen").await;
    owner.post(&format!("{record}/files"), &json!({"files": [first["id"]]})).await.expect(200);
    app.advance(TimeDelta::hours(25));
    let owner = app.sign_in("owner@acme.example", "acme").await;
    app.background().await;
    owner.get(&path(&first)).await.expect(200);
    owner.get(&path(&second)).await.expect(404);
    assert_eq!(kept(app.files()).len(), 1, "the other workspace's file was of no record for a day");
    owner.delete(&format!("{record}/files?file={}", text(&first["id"])), 1).await.expect(204);
    app.background().await;
    owner.get(&path(&first)).await.expect(404);
    assert_eq!(kept(app.files()), Vec::<String>::new());
    let again = upload(&owner, "d.png", PNG).await.expect(201).json();
    assert_eq!(owner.get(&path(&again)).await.expect(200).body.as_ref(), PNG);
}
