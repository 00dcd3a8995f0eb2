//! The edge: cookies and where they count, requests from other sites, limits, headers, panics, operators' pages.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde_json::json;
use trellis::http::{
    AppState, Caller, HttpSettings, Problem, ProblemType, SignedIn, address, cookie, csrf, layers, operations,
};
use trellis::identity::SessionToken;

use crate::kit::{App, Browser};

async fn inside(caller: Caller) -> String {
    caller.user().email.clone()
}

async fn outside(caller: Option<SignedIn>) -> String {
    caller.map_or_else(|| "nobody".into(), |caller| caller.session.user.email.clone())
}

async fn broken() -> String {
    panic!("a handler's own fault")
}

/// A house with a few pages, and the same pages once more without the pages' guard.
fn pages(app: &AppState) -> Router {
    let pages = || {
        Router::new()
            .route("/page", get(inside).post(inside))
            .route("/greeting", get(outside))
            .route("/broken", post(broken).get(broken))
    };
    let guarded = pages().layer(from_fn_with_state(app.clone(), csrf::guard));
    let unguarded = Router::new().nest("/unguarded", pages());
    let house = |router: Router<AppState>| layers::inner(router, app);
    let (api, _) = trellis::api::root_routes().split_for_parts();
    let root = house(guarded.clone().merge(unguarded.clone()).merge(operations::routes()).merge(api));
    layers::outer(address::dispatch(root, house(guarded.merge(unguarded)), None), app)
}

async fn with_pages() -> App {
    App::build(|_| {}, pages).await
}

#[tokio::test]
async fn the_cookie_is_closed_to_scripts_other_sites_and_other_hosts() {
    let token = SessionToken::random();
    let settings = |secure: bool| HttpSettings {
        root_url: "https://crm.example".parse().expect("an address"),
        root_domain: None,
        secure_cookies: secure,
        trusted_proxies: Vec::new(),
        rate_limit: 0,
        file_bytes: 1024,
        open_sign_up: true,
    };
    let text = |secure: bool| cookie::session(&settings(secure), &token).to_str().expect("ASCII").to_owned();
    let attributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000";
    assert_eq!(text(true), format!("__Host-trellis={}{attributes}; Secure", token.text()));
    assert_eq!(text(false), format!("trellis={}{attributes}", token.text()));
    let removal = cookie::removal(&settings(true));
    assert!(removal.to_str().expect("ASCII").starts_with("__Host-trellis=; Path=/;"));
    assert!(removal.to_str().expect("ASCII").contains("Max-Age=0"));
}

#[tokio::test]
async fn a_cookie_counts_on_pages_and_a_token_on_the_api_and_never_the_other_way_round() {
    let app = with_pages().await;
    let owner = app.sign_up("acme").await;
    let browser = owner.browser().await;
    assert_eq!(browser.get("/page").await.expect(200).text(), "owner@acme.example");
    browser.get("/unguarded/page").await.expect_problem(401, "unauthenticated");
    owner.get("/page").await.expect_problem(401, "unauthenticated");
    assert_eq!(owner.get("/unguarded/page").await.expect(200).text(), "owner@acme.example");
    assert_eq!(Browser::stranger(&app).get("/greeting").await.expect(200).text(), "nobody");
    // A cookie with the token of an API session is none either.
    let api =
        owner.session()["refresh_token"].as_str().expect("a token").split('.').next().unwrap_or_default();
    let request = Request::builder().uri("/t/acme/page").header(header::COOKIE, format!("trellis={api}"));
    app.send(request.body(Body::empty()).expect("a request")).await.expect(401);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let app = with_pages().await;
    let browser = app.sign_up("acme").await.browser().await;
    let submit = async |name: &str, value: &str| {
        let request = browser.request(Method::POST, "/page").header(name, value).body(Body::empty());
        browser.send(request.expect("a request")).await
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "nonsense"),
        ("origin", "https://evil.example"),
        ("origin", "http://acme.crm.example"),
        ("origin", "http://crm.example:81"),
        ("origin", "null"),
    ] {
        submit(name, value).await.expect_problem(403, "cross-site-request");
    }
    for (name, value) in
        [("sec-fetch-site", "same-origin"), ("origin", "http://crm.example"), ("accept", "text/html")]
    {
        submit(name, value).await.expect(200);
    }
    browser.submit("/page", &[]).await.expect(200);
}

#[tokio::test]
async fn a_page_of_another_workspace_is_not_found_and_so_is_one_that_does_not_exist() {
    let app = with_pages().await;
    let browser = app.sign_up("acme").await.browser().await;
    app.sign_up("globex").await;
    for slug in ["globex", "nowhere"] {
        let request = Request::builder().uri(format!("/t/{slug}/page"));
        let cookies = browser.request(Method::GET, "/page").body(Body::empty()).expect("a request");
        let request = request.header(header::COOKIE, &cookies.headers()[header::COOKIE]);
        let answer = app.send(request.body(Body::empty()).expect("a request")).await;
        answer.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_the_request_id_and_nothing_else() {
    let app = with_pages().await;
    for method in [Method::GET, Method::POST] {
        let request = app.stranger().request(method, "/unguarded/broken").body(Body::empty());
        let answer = app.send(request.expect("a request")).await.expect_problem(500, "internal");
        assert!(!answer.text().contains("fault"), "{}", answer.text());
        assert_eq!(answer.json()["instance"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_a_policy_of_its_own() {
    let app = App::start().await;
    let answers = [
        app.stranger().get("/healthz").await.expect(200),
        app.stranger().get("/nowhere").await.expect(404),
        app.sign_up("acme").await.get("/api/v1/me").await.expect(200),
    ];
    let mut policies = Vec::new();
    for answer in &answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("strict-transport-security"), "", "the house is not encrypted");
        let policy = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'self' 'nonce-"]
        {
            assert!(policy.contains(part), "{policy}");
        }
        policies.push(policy);
    }
    assert_ne!(policies[0], policies[1], "the nonce never repeats");
    assert_ne!(policies[1], policies[2], "the nonce never repeats");
}

#[tokio::test]
async fn a_user_may_send_so_many_requests_a_minute_and_others_do_not_suffer() {
    let app = App::with(|settings| settings.rate_limit = 3).await;
    let owner = app.sign_up("acme").await;
    let other = app.sign_up("globex").await;
    for left in ["2", "1", "0"] {
        let answer = owner.get("/api/v1/me").await.expect(200);
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("3", left));
    }
    let refused = owner.get("/api/v1/me").await.expect_problem(429, "too-many-requests");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    other.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn operators_see_whether_it_is_ready_and_only_they_see_the_metrics() {
    let app = App::start().await;
    app.stranger().get("/readyz").await.expect(200);
    let owner = app.sign_up("acme").await;
    owner.get("/api/v1/me").await.expect(200);
    let metrics = app.stranger().get("/metrics").await.expect(200).text();
    assert!(metrics.contains("http_requests_total{"), "{metrics}");
    assert!(metrics.contains("route=\"/api/v1/me\""), "{metrics}");
    assert!(metrics.contains("db_pool_size{pool=\"app\"}"), "{metrics}");
    assert!(!metrics.contains("acme"), "no tenant is named");
    let proxied = app.stranger().request(Method::GET, "/metrics").header("x-forwarded-for", "192.0.2.1");
    app.send(proxied.body(Body::empty()).expect("a request")).await.expect(404);
    app.database().as_superuser("delete from migrations").await;
    app.stranger().get("/readyz").await.expect_problem(500, "internal");
}

#[tokio::test]
async fn long_answers_are_compressed_for_whoever_asks() {
    let long = |app: &AppState| {
        let text = async || axum::response::Html("again and again ".repeat(1_000));
        let router = Router::new().route("/long", get(text)).route("/short", get(async || "short"));
        layers::outer(layers::inner(router, app), app)
    };
    let app = App::build(|_| {}, long).await;
    for (accepts, path, encoding) in
        [("br", "/long", "br"), ("gzip", "/long", "gzip"), ("", "/long", ""), ("br", "/short", "")]
    {
        let request = app.stranger().request(Method::GET, path).header(header::ACCEPT_ENCODING, accepts);
        let answer = app.send(request.body(Body::empty()).expect("a request")).await.expect(200);
        assert_eq!(answer.header("content-encoding"), encoding, "{accepts} {path}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_cut_a_change_short() {
    let app = App::start().await;
    let body = json!({"name": "Ana", "email": "ana@x.example", "password": "correct horse battery",
                      "company": "Acme", "slug": "acme"});
    {
        let client = app.stranger();
        let request = client.post("/api/v1/signup", &body);
        let gone = tokio::time::timeout(std::time::Duration::from_millis(5), request).await;
        assert!(gone.is_err(), "hashing alone takes longer");
    }
    app.state().tasks.close();
    app.state().tasks.wait().await;
    app.sign_in("ana@x.example", "acme").await.get("/api/v1/me").await.expect(200);
}

#[test]
fn every_problem_type_has_its_page_and_every_page_its_type() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/problems");
    let mut pages: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of problem pages")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md")
        .collect();
    let mut types: Vec<String> = ProblemType::ALL.iter().map(|kind| format!("{}.md", kind.slug())).collect();
    pages.sort();
    types.sort();
    assert_eq!(pages, types);
    for kind in ProblemType::ALL {
        let page = std::fs::read_to_string(format!("{folder}/{}.md", kind.slug())).expect("a page");
        let heading = format!("# {}\n\n`{}` · {}\n", kind.title(), kind.slug(), kind.status());
        assert!(page.starts_with(&heading), "{} must begin with\n{heading}", kind.slug());
    }
}

#[test]
fn a_problem_waits_at_least_a_second() {
    use axum::response::IntoResponse;
    let wait = std::time::Duration::from_millis(1);
    let response = Problem::new(ProblemType::TooManyRequests).retry_after(wait).into_response();
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}
