//! Accounts and passwords: who gets in, and what a stranger can find out.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use trellis::http::client::Peer;

use crate::kit::{Answer, App, PASSWORD};

const SIGN_IN: &str = "/api/v1/session";

async fn attempt(app: &App, email: &str, password: &str) -> Answer {
    app.stranger().post(SIGN_IN, &json!({"email": email, "password": password})).await
}

fn sign_up_body(email: &str, slug: &str) -> Value {
    json!({"name": "Ana", "email": email, "password": PASSWORD, "company": "Acme", "slug": slug})
}

#[tokio::test]
async fn whoever_signs_up_owns_a_workspace_and_is_signed_in_there() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let session = owner.session();
    assert_eq!(
        session["workspaces"],
        json!([{"slug": "acme", "name": "acme", "role": "admin", "is_owner": true}])
    );
    assert_eq!(session["expires_in"], 900);
    let me = owner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], "owner@acme.example");
    assert_eq!(
        me["role"],
        json!({"label": "Owner", "is_owner": true, "manage_schema": true,
        "manage_members": true, "read_audit": true})
    );
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_get_the_same_answer() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let wrong = attempt(&app, "owner@acme.example", "wrong horse battery").await;
    let unknown = attempt(&app, "nobody@acme.example", "wrong horse battery").await;
    let without_id = |answer: &Answer| {
        let mut body = answer.json();
        body["instance"] = Value::Null;
        body
    };
    assert_eq!(without_id(&wrong), without_id(&unknown));
    let names = |answer: &Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
    wrong.expect_problem(401, "sign-in-refused");
    unknown.expect_problem(401, "sign-in-refused");
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..4 {
        for (email, times) in ["owner@acme.example", "nobody@acme.example"].iter().zip(&mut times) {
            let begun = Instant::now();
            attempt(&app, email, "wrong horse battery").await.expect(401);
            times.push(begun.elapsed());
        }
    }
    let fastest = |times: &[Duration]| *times.iter().min().expect("there are times");
    let (known, unknown) = (fastest(&times[0]), fastest(&times[1]));
    assert!(unknown > known / 2 && known > unknown / 2, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn five_failures_close_an_account_for_a_quarter_of_an_hour_known_or_not() {
    for email in ["owner@acme.example", "nobody@acme.example"] {
        let app = App::start().await;
        app.sign_up("acme").await;
        for _ in 0..5 {
            attempt(&app, email, "wrong horse battery").await.expect(401);
            app.advance(TimeDelta::minutes(1));
        }
        // Case and blanks do not make another account of it, and the right password does not help.
        let refused = attempt(&app, &format!(" {}", email.to_uppercase()), PASSWORD).await;
        let refused = refused.expect_problem(429, "too-many-requests");
        assert_eq!(refused.header("retry-after"), "600");
        // A refused attempt does not count, so waiting helps.
        app.advance(TimeDelta::minutes(10));
        attempt(&app, email, "wrong horse battery").await.expect(401);
    }
}

#[tokio::test]
async fn guesses_at_the_same_moment_count_like_guesses_in_a_row() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let guesses = (0..20).map(|_| attempt(&app, "owner@acme.example", "wrong horse battery"));
    let answers = futures_util::future::join_all(guesses).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(401), with(429)), (5, 15));
}

#[tokio::test]
async fn a_right_password_clears_the_account() {
    let app = App::start().await;
    app.sign_up("acme").await;
    for _ in 0..3 {
        for _ in 0..4 {
            attempt(&app, "owner@acme.example", "wrong horse battery").await.expect(401);
        }
        attempt(&app, "owner@acme.example", PASSWORD).await.expect(201);
    }
}

#[tokio::test]
async fn fifty_failures_close_an_address_and_no_header_opens_it_again() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let rows =
        "insert into sign_in_failures select 'address:192.0.2.7', gen_random_uuid(), '2026-01-15T09:00:00Z'
                from generate_series(1, 50)";
    app.database().as_superuser(rows).await;
    let from = async |address: &str, forwarded: &str| {
        let request = app.stranger().request(Method::POST, SIGN_IN);
        let request =
            request.header(header::CONTENT_TYPE, "application/json").header("x-forwarded-for", forwarded);
        let body = json!({"email": "owner@acme.example", "password": PASSWORD}).to_string();
        let peer = Peer(format!("{address}:4000").parse().expect("a socket's address"));
        app.send(request.extension(peer).body(Body::from(body)).expect("a request")).await
    };
    from("192.0.2.7", "192.0.2.8").await.expect_problem(429, "too-many-requests");
    from("192.0.2.8", "192.0.2.7").await.expect(201);
}

#[tokio::test]
async fn a_second_account_with_an_address_is_refused_without_saying_why() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let again = app.stranger().post("/api/v1/signup", &sign_up_body("Owner@Acme.example", "other")).await;
    let again = again.expect_problem(422, "sign-up-refused");
    assert!(!again.text().contains("exist"), "{}", again.text());
    let tenants = app.database().as_superuser("select slug from tenants").await;
    assert_eq!(tenants, vec![vec![Some("acme".to_owned())]], "nothing was stored");
}

#[tokio::test]
async fn every_fault_of_a_sign_up_is_told_at_once() {
    let app = App::start().await;
    let body = json!({"name": " ", "email": "ana", "password": "password1", "company": "", "slug": "API"});
    let answer = app.stranger().post("/api/v1/signup", &body).await.expect_problem(422, "invalid-input");
    assert_eq!(answer.pointers(), ["/name", "/email", "/password", "/company", "/slug"]);
    app.sign_up("acme").await;
    let taken = app.stranger().post("/api/v1/signup", &sign_up_body("ana@other.example", "acme")).await;
    assert_eq!(taken.expect_problem(409, "conflict").pointers(), ["/slug"]);
    let users = app.database().as_superuser("select email from users").await;
    assert_eq!(users.len(), 1, "the account of a refused sign-up is not kept: {users:?}");
}

#[tokio::test]
async fn a_workspace_without_a_slug_gets_a_free_one_from_its_name() {
    let app = App::start().await;
    for (email, slug) in [("a@x.example", "cafe-zoe"), ("b@x.example", "cafe-zoe-2")] {
        let body = json!({"name": "Zoé", "email": email, "password": PASSWORD, "company": "Café Zoé"});
        let answer = app.stranger().post("/api/v1/signup", &body).await.expect(201).json();
        assert_eq!(answer["workspace"], slug);
    }
}

#[tokio::test]
async fn strangers_cannot_sign_up_where_that_is_closed() {
    let app = App::with(|settings| settings.open_sign_up = false).await;
    let answer = app.stranger().post("/api/v1/signup", &sign_up_body("ana@x.example", "acme")).await;
    answer.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn passwords_rest_as_argon2id_and_tokens_as_hashes() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let dump = "select password_hash, '' from users union all
                select encode(token_hash, 'base64'), encode(refresh_hash, 'base64') from sessions";
    let rows = app.database().as_superuser(dump).await;
    let all = format!("{rows:?}");
    assert!(all.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{all}");
    let refresh = owner.session()["refresh_token"].as_str().expect("a refresh token");
    for secret in refresh.split('.').chain([PASSWORD]) {
        assert!(!all.contains(secret), "{secret} is readable in the database");
    }
}
