//! The edges: hostile text, forms of other sites, throttling, both address modes, partial requests.

use axum::body::Body;
use axum::http::{Method, header};
use trellis::limits::SIGN_IN_FAILURES_PER_ACCOUNT;

use crate::kit::{App, Browser, PASSWORD};

/// What must never arrive in a page as it is.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

#[tokio::test]
async fn hostile_text_is_text_on_every_page() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, HOSTILE, "{{constructor}}").await;
    browser.submit("/m/patients/fields", &[("label", HOSTILE), ("type", "text")]).await.expect(303);
    let options = format!("{HOSTILE}\nplain");
    let choice = [("label", "Hostile choice"), ("type", "choice"), ("options", options.as_str())];
    browser.submit("/m/patients/fields", &choice).await.expect(303);
    let edit = browser.get(&format!("{path}/edit")).await.expect(200);
    let version = super::version(&edit);
    let fields = [("_version", version.as_str()), ("first_name", "Changed"), ("last_name", HOSTILE)];
    browser.submit(&format!("{path}/edit"), &fields).await.expect(303);
    let query = format!("/m/patients?q={0}&filter={0}&view={0}", "%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    for page in [
        "/m/patients",
        &query,
        "/m/patients/new",
        &path,
        &format!("{path}/edit"),
        &format!("{path}/history"),
        "/settings/modules",
        "/settings/members",
        "/m/patients/fields",
        &format!("/m/patients/new?first_name={}", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
    ] {
        let html = browser.get(page).await.expect(200).text();
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{page}: {html}");
    }
    let again = [("name", HOSTILE), ("email", HOSTILE), ("password", "secret words"), ("company", HOSTILE)];
    let refused = Browser::stranger(&app).submit("/signup", &again).await.expect(422).text();
    assert!(!refused.contains("<script>alert") && !refused.contains("secret words"), "{refused}");
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    let path = super::patient(&browser, "Mira", "Sen").await;
    for forged in [
        browser.request(Method::POST, &format!("{path}/delete")).header("sec-fetch-site", "cross-site"),
        browser
            .request(Method::POST, &format!("{path}/delete"))
            .header(header::ORIGIN, "https://evil.example"),
    ] {
        let form = forged.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = browser.send(form.body(Body::from("_version=1")).expect("a request")).await.expect(403);
        assert!(answer.text().contains("came from another site"), "{}", answer.text());
    }
    assert!(browser.get("/m/patients").await.expect(200).text().contains("Mira Sen"));
}

#[tokio::test]
async fn too_many_attempts_are_told_to_wait() {
    let app = App::start().await;
    app.sign_up("asha").await;
    let browser = Browser::stranger(&app);
    let fields = [("email", "owner@asha.example"), ("password", "not the password")];
    for _ in 0..SIGN_IN_FAILURES_PER_ACCOUNT {
        browser.submit("/signin", &fields).await.expect(401);
    }
    let throttled = browser.submit("/signin", &fields).await.expect(429);
    assert!(throttled.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    assert!(throttled.text().contains("Try again in"), "{}", throttled.text());
}

#[tokio::test]
async fn links_follow_the_host_where_it_names_the_workspace() {
    let app = App::start().await;
    let (_, _browser) = super::hospital(&app).await;
    let sign_in = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/signin")
        .header(header::HOST, "asha.crm.example")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = format!("email=owner%40asha.example&password={}", PASSWORD.replace(' ', "+"));
    let entered = app.send(sign_in.body(Body::from(body)).expect("a request")).await.expect(303);
    assert_eq!(entered.header("location"), "/");
    let cookie = entered.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let list = axum::http::Request::builder()
        .uri("/m/patients")
        .header(header::HOST, "asha.crm.example")
        .header(header::COOKIE, cookie);
    let list = app.send(list.body(Body::empty()).expect("a request")).await.expect(200).text();
    assert!(list.contains("href=\"/m/patients/new\"") && !list.contains("/t/asha"), "{list}");
}

#[tokio::test]
async fn a_partial_request_gets_the_region_alone() {
    let app = App::start().await;
    let (_, browser) = super::hospital(&app).await;
    super::patient(&browser, "Mira", "Sen").await;
    let request = browser.request(Method::GET, "/m/patients").header("hx-request", "true");
    let answer = browser.send(request.body(Body::empty()).expect("a request")).await.expect(200);
    let html = answer.text();
    assert!(html.contains("id=\"list-rows\"") && !html.contains("<html"), "{html}");
    assert!(answer.headers.get_all("vary").iter().any(|value| value == "hx-request"));
    let missing = browser.request(Method::GET, "/m/nothing").header("hx-request", "true");
    let missing = browser.send(missing.body(Body::empty()).expect("a request")).await.expect(404).text();
    assert!(missing.contains("data-message") && !missing.contains("<html"), "{missing}");
}
