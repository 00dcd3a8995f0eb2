//! Who sees what: the owner, a worker with their own records, a stranger, somebody of another workspace.

use crate::kit::{App, Browser};

#[tokio::test]
async fn a_worker_sees_their_own_records_and_no_control_for_more() {
    let app = App::start().await;
    let (owner, browser) = super::hospital(&app).await;
    let hidden = super::patient(&browser, "Hidden", "Person").await;
    let worker = app.member(&owner, "worker").await.browser().await;
    let own = super::patient(&worker, "Own", "Person").await;

    let list = worker.get("/m/patients").await.expect(200).text();
    assert!(list.contains("Own Person") && !list.contains("Hidden Person"), "{list}");
    assert!(!list.contains("Add field") && !list.contains("Modules and fields"), "{list}");
    worker.get(&hidden).await.expect(404);
    worker.get(&format!("{hidden}/edit")).await.expect(404);
    worker.submit(&format!("{hidden}/delete"), &[("_version", "1")]).await.expect(404);

    let page = worker.get(&own).await.expect(200).text();
    assert!(page.contains(">Edit<") && !page.contains(">Delete<"), "{page}");
    assert!(!worker.get("/m/patients/new").await.expect(200).text().contains("name=\"_owner\""));
    worker.get("/settings/modules").await.expect(403);
    worker.get("/settings/members").await.expect(403);
    worker.get("/m/patients/fields").await.expect(403);
    worker.submit("/m/patients/fields", &[("label", "Mine"), ("type", "text")]).await.expect(403);
    worker.get("/m/insurers/new").await.expect(403);
    assert!(!worker.get("/m/insurers").await.expect(200).text().contains("New insurer"));
}

#[tokio::test]
async fn strangers_sign_in_first_and_come_back_to_where_they_wanted_to_go() {
    let app = App::start().await;
    let (owner, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, "Mira", "Sen").await;
    let stranger = Browser::stranger(&app);
    let wanted = format!("/t/asha{path}");
    let sent = stranger.get(&wanted).await.expect(303);
    let target = sent.header("location").to_owned();
    let form = stranger.get(&target).await.expect(200).text();
    assert!(form.contains(&format!("value=\"{wanted}\"")), "{form}");

    let fields = [("email", "owner@asha.example"), ("password", "wrong horse"), ("next", wanted.as_str())];
    let refused = stranger.submit("/signin", &fields).await.expect(401).text();
    assert!(refused.contains("role=\"alert\"") && !refused.contains("wrong horse"), "{refused}");
    let fields =
        [("email", "owner@asha.example"), ("password", crate::kit::PASSWORD), ("next", wanted.as_str())];
    let entered = stranger.submit("/signin", &fields).await.expect(303);
    assert_eq!(entered.header("location"), wanted);
    stranger.get(&wanted).await.expect(200);
    let partial =
        Browser::stranger(&app).request(axum::http::Method::GET, &wanted).header("hx-request", "true");
    let partial = app.send(partial.body(axum::body::Body::empty()).expect("a request")).await;
    assert!(partial.expect(401).text().contains("id=\"sign-in-again\""));
    drop(owner);
}

#[tokio::test]
async fn another_workspace_is_not_there() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, "Mira", "Sen").await;
    let other = app.sign_up_with("other", "hospital", false).await.browser().await;
    let record = format!("/../asha{path}").replace("/..", "");
    let outside = Browser::stranger(&app);
    outside.get(&format!("/t{record}")).await.expect(303);
    let own = other.get(&path).await.expect(404).text();
    assert!(own.contains("There is nothing here") && own.contains("<h1>"), "{own}");
    other.get(&format!("{path}/edit")).await.expect(404);
    other.submit(&format!("{path}/restore"), &[]).await.expect(404);
}

#[tokio::test]
async fn people_with_several_workspaces_choose_one() {
    let app = App::start().await;
    let first = app.sign_up_with("first", "blank", false).await;
    let second = app.sign_up_with("second", "blank", false).await;
    app.add_member(second.slug(), "worker", "owner@first.example").await;
    let browser = Browser::stranger(&app);
    let fields = [("email", "owner@first.example"), ("password", crate::kit::PASSWORD)];
    let entered = browser.submit("/signin", &fields).await.expect(303);
    assert_eq!(entered.header("location"), "/account/workspaces");
    let choice = browser.get("/account/workspaces").await.expect(200).text();
    assert!(choice.contains("value=\"first\"") && choice.contains("value=\"second\""), "{choice}");
    let chosen = browser.submit("/account/workspaces", &[("slug", "second")]).await.expect(303);
    assert_eq!(chosen.header("location"), "/t/second/");
    browser.get("/t/second/").await.expect(200);
    browser.get("/t/first/").await.expect(404);
    browser.submit("/account/workspaces", &[("slug", "nobody")]).await.expect(404);
    drop(first);
}
