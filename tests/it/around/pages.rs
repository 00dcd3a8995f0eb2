//! The sections around a record on its page, and a person's own desk, all without scripts.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use super::{Office, contact, id};
use crate::kit::{Answer, Browser};

/// Sends a form with a file.
async fn submit_file(browser: &Browser, path: &str, name: &str, content: &str) -> Answer {
    let body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/html\r\n\r\n{content}\r\n--line--\r\n"
    );
    let request = browser
        .request(Method::POST, path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=line");
    browser.send(request.body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn a_record_page_takes_activities_comments_tasks_files_and_followers() {
    let Office { owner, reader, .. } = Office::open().await;
    let browser = owner.browser().await;
    let path = format!("/m/contacts/r/{}", id(&contact(&owner, "Sen").await));
    let at = |what: &str| format!("{path}/{what}");
    let call = [
        ("kind", "call"),
        ("subject", "The <b>offer</b>"),
        ("minutes", "12"),
        ("participants", "Mara, Olga"),
    ];
    let back = browser.submit(&at("activities"), &call).await.expect(303);
    assert_eq!(back.header("location"), format!("/t/acme{path}#activities"));
    let words = [("body", "Please look"), ("mention", reader.user())];
    browser.submit(&at("comments"), &words).await.expect(303);
    let task = [
        ("title", "Send it"),
        ("record", id(&path)),
        ("assignee", owner.user()),
        ("due", "2026-01-14T12:00"),
    ];
    let back = browser.submit("/tasks", &task).await.expect(303);
    assert_eq!(back.header("location"), format!("/t/acme{path}#tasks"));
    submit_file(&browser, &at("files"), "plan.html", "<script>alert(1)</script>").await.expect(303);
    browser.submit(&at("follow"), &[("on", "1")]).await.expect(303);

    let page = browser.get(&path).await.expect(200).text();
    assert!(
        page.contains("The &lt;b&gt;offer&lt;/b&gt;") && page.contains("12 minutes · Mara, Olga"),
        "{page}"
    );
    assert!(page.contains("Please look @Willem read_only"), "{page}");
    assert!(
        page.contains("Send it") && page.contains("Overdue") && page.contains("Due 14 Jan 2026, 12:00"),
        "{page}"
    );
    assert!(page.contains("plan.html") && page.contains("Unfollow"), "{page}");
    let href =
        page.split("href=\"/t/acme/files/").nth(1).and_then(|rest| rest.split('"').next()).expect("a file");
    let file = browser.get(&format!("/files/{href}?inline=1")).await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    browser.submit(&at("detach"), &[("file", href)]).await.expect(303);
    assert!(!browser.get(&path).await.expect(200).text().contains("plan.html"));

    let reader = reader.browser().await;
    let told = reader.get("/notifications").await.expect(200).text();
    assert!(told.contains("Olga Owner mentioned you") && told.contains("Mara Sen"), "{told}");
    reader.submit("/notifications/read", &[]).await.expect(303);
    let seen = reader.get(&path).await.expect(200).text();
    assert!(!seen.contains("Note an activity") && seen.contains("Say something"), "{seen}");
}

#[tokio::test]
async fn tasks_comments_and_the_search_have_pages_of_their_own() {
    let Office { owner, .. } = Office::open().await;
    let browser = owner.browser().await;
    let record = contact(&owner, "Sen").await;
    browser.submit("/tasks", &[("title", "Some day"), ("assignee", owner.user())]).await.expect(303);
    let page = browser.get("/tasks").await.expect(200).text();
    let done = page
        .split("action=\"/t/acme")
        .find_map(|rest| rest.split('"').next().filter(|to| to.ends_with("/done")));
    browser.submit(done.expect("a task to do"), &[("_version", "1"), ("done", "1")]).await.expect(303);
    assert!(!browser.get("/tasks").await.expect(200).text().contains("Some day"));
    assert!(browser.get("/tasks?which=done").await.expect(200).text().contains("Some day"));
    browser.submit("/tasks", &[("title", " ")]).await.expect(422);

    let comment = json!({"body": "Wrong record"});
    owner.post(&format!("{record}/comments"), &comment).await.expect(201);
    let path = format!("/m/contacts/r/{}", id(&record));
    let page = browser.get(&path).await.expect(200).text();
    let delete = page.split("action=\"/t/acme/comments/").nth(1).and_then(|rest| rest.split('"').next());
    let delete = format!("/comments/{}", delete.expect("a comment to delete"));
    let back = browser.submit(&delete, &[]).await.expect(303);
    assert_eq!(back.header("location"), format!("/t/acme{path}#comments"));
    assert!(!browser.get(&path).await.expect(200).text().contains("Wrong record"));

    let found = browser.get("/search?q=sen").await.expect(200).text();
    assert!(found.contains("Contacts") && found.contains(&path), "{found}");
    assert!(browser.get("/search?q=zzzz").await.expect(200).text().contains("Nothing found"));
}

#[tokio::test]
async fn a_list_is_saved_as_a_view_and_a_file_is_chosen_in_a_form() {
    let Office { owner, .. } = Office::open().await;
    let browser = owner.browser().await;
    contact(&owner, "Sen").await;
    contact(&owner, "Rao").await;
    let form = [
        ("label", "Only Rao"),
        ("visibility", "everyone"),
        ("filter", "last_name == \"Rao\""),
        ("sort", "-last_name"),
    ];
    let saved = browser.submit("/m/contacts/views", &form).await.expect(303);
    let target = saved.header("location").trim_start_matches("/t/acme").to_owned();
    let list = browser.get(&target).await.expect(200).text();
    assert!(
        list.contains("Mara Rao") && !list.contains("Mara Sen") && list.contains(">Only Rao</a>"),
        "{list}"
    );
    let delete = list.split("action=\"/t/acme/views/").nth(1).and_then(|rest| rest.split('"').next());
    browser.submit(&format!("/views/{}", delete.expect("a view to delete")), &[]).await.expect(303);
    assert!(!browser.get("/m/contacts").await.expect(200).text().contains("Only Rao"));
    browser.submit("/m/contacts/views", &[("label", ""), ("visibility", "private")]).await.expect(422);

    let field = json!({"key": "contract", "label": "Contract", "type": "file"});
    owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    submit_file(&browser, "/files", "contract.txt", "We agree.").await.expect(303);
    assert!(browser.get("/files").await.expect(200).text().contains("contract.txt"));
    let new = browser.get("/m/contacts/new").await.expect(200).text();
    let option =
        new.split("<option value=\"").find(|rest| rest.contains(">contract.txt<")).expect("an option");
    let file = option.split('"').next().expect("an id");
    let form = [("first_name", "Mira"), ("last_name", "Lal"), ("contract", file)];
    let made = browser.submit("/m/contacts/new", &form).await.expect(303);
    let page = browser.get(made.header("location").trim_start_matches("/t/acme")).await.expect(200).text();
    assert!(page.contains(&format!("/t/acme/files/{file}")) && page.contains(">contract.txt</a>"), "{page}");
    let edit = format!("{}/edit", made.header("location").trim_start_matches("/t/acme"));
    let edit = browser.get(&edit).await.expect(200).text();
    assert!(edit.contains(&format!("<option value=\"{file}\" selected>contract.txt</option>")), "{edit}");
}
