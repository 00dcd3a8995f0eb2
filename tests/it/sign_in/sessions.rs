//! Sessions: tokens that rotate, and every way in which they end.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use trellis::db::Db;
use trellis::identity;

use crate::kit::{Answer, App, Client, PASSWORD};

async fn refresh(app: &App, session: &Value) -> Answer {
    let body = json!({"refresh_token": session["refresh_token"]});
    app.stranger().post("/api/v1/session/refresh", &body).await
}

async fn me(client: &Client) -> Answer {
    client.get("/api/v1/me").await
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_exchange() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let second = refresh(&app, owner.session()).await.expect(200).json();
    assert_ne!(second["refresh_token"], owner.session()["refresh_token"]);
    me(&app.stranger().with_session(&second)).await.expect(200);
    me(&owner).await.expect(200);
    // Whoever shows the first one again is a thief, or was robbed: the session ends for both.
    refresh(&app, owner.session()).await.expect_problem(401, "unauthenticated");
    refresh(&app, &second).await.expect_problem(401, "unauthenticated");
    me(&app.stranger().with_session(&second)).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn of_several_exchanges_at_once_one_at_most_succeeds_and_the_session_ends() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let answers = futures_util::future::join_all((0..4).map(|_| refresh(&app, owner.session()))).await;
    let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(good.len() <= 1, "{} exchanges succeeded", good.len());
    for answer in good {
        refresh(&app, &answer.json()).await.expect_problem(401, "unauthenticated");
    }
    me(&owner).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_access_token_holds_for_a_quarter_of_an_hour() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    app.advance(TimeDelta::seconds(899));
    me(&owner).await.expect(200);
    app.advance(TimeDelta::seconds(1));
    let refused = me(&owner).await.expect_problem(401, "unauthenticated");
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    me(&app.stranger().with_session(&refresh(&app, owner.session()).await.expect(200).json()))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_session_ends_after_thirty_idle_days_and_after_ninety_in_any_case() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let mut session = owner.session().clone();
    for _ in 0..3 {
        app.advance(TimeDelta::days(29));
        session = refresh(&app, &session).await.expect(200).json();
    }
    app.advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    session = refresh(&app, &session).await.expect(200).json();
    app.advance(TimeDelta::seconds(1));
    refresh(&app, &session).await.expect_problem(401, "unauthenticated");

    let idle = app.sign_in("owner@acme.example", "acme").await;
    app.advance(TimeDelta::days(30));
    refresh(&app, idle.session()).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_no_other() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let elsewhere = app.sign_in("owner@acme.example", "acme").await;
    me(&owner).await.expect(200);
    let request = owner.at_root().request(Method::DELETE, "/api/v1/session").body(Body::empty());
    app.send(request.expect("a request")).await.expect(204);
    me(&owner).await.expect_problem(401, "unauthenticated");
    refresh(&app, owner.session()).await.expect_problem(401, "unauthenticated");
    me(&elsewhere).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_every_session_on_every_node_at_once() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let identity = &app.state().identity;
    // The session is remembered by this node; the other node changes the password.
    me(&owner).await.expect(200);
    let user = identity::user_by_email(identity, "owner@acme.example").await.expect("the database answers");
    let db = Db::connect(&app.database().settings).await.expect("another node connects");
    let other = identity::Identity::open(db, identity.clock.clone(), identity.hasher.clone());
    let other = other.await.expect("another node");
    let user = user.expect("the owner is a user");
    identity::change_password(&other, &user, "another horse battery").await.expect("the password changes");
    me(&owner).await.expect_problem(401, "unauthenticated");
    me(&owner.at_root()).await.expect_problem(401, "unauthenticated");
    refresh(&app, owner.session()).await.expect_problem(401, "unauthenticated");
    let old = json!({"email": user.email, "password": PASSWORD});
    app.stranger().post("/api/v1/session", &old).await.expect(401);
    let new = json!({"email": user.email, "password": "another horse battery"});
    app.stranger().post("/api/v1/session", &new).await.expect(201);
}

#[tokio::test]
async fn a_session_of_an_earlier_epoch_or_an_inactive_user_does_not_hold() {
    for change in ["epoch = epoch + 1", "active = false"] {
        let app = App::start().await;
        let owner = app.sign_up("acme").await;
        app.database().as_superuser(&format!("update users set {change}")).await;
        me(&owner.at_root()).await.expect_problem(401, "unauthenticated");
        refresh(&app, owner.session()).await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn the_twenty_first_session_ends_the_one_used_longest_ago() {
    let app = App::start().await;
    let first = app.sign_up("acme").await;
    let mut later = Vec::new();
    for _ in 0..20 {
        app.advance(TimeDelta::seconds(1));
        later.push(app.sign_in("owner@acme.example", "acme").await);
    }
    me(&first.at_root()).await.expect(401);
    for session in &later {
        me(&session.at_root()).await.expect(200);
    }
}

#[tokio::test]
async fn tokens_that_we_did_not_make_are_not_believed() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let token = owner.session()["access_token"].as_str().expect("a token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    let unsigned = "eyJhbGciOiJub25lIn0";
    let forged = [
        format!("{unsigned}.{}.", parts[1]),
        format!("{unsigned}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
        format!("{}.{}.", parts[0], parts[1]),
        token[..token.len() - 1].to_owned(),
        "x".repeat(6_000),
        String::new(),
    ];
    for token in forged {
        let request = app.stranger().at("acme").request(Method::GET, "/api/v1/me");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty());
        app.send(request.expect("a request")).await.expect_problem(401, "unauthenticated");
    }
    for session in ["", ".", "a.b", &"A".repeat(43), &format!("{0}.{0}", "A".repeat(43))] {
        refresh(&app, &json!({"refresh_token": session})).await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_token_signed_with_a_key_of_another_node_is_believed_once_that_key_is_stored() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let key = "insert into signing_keys values
               (gen_random_uuid(), decode(repeat('ab', 32), 'hex'), '2026-01-15T10:00:00Z')";
    app.database().as_superuser(key).await;
    let identity = &app.state().identity;
    let node = identity::SigningKeys::load(&identity.db, &identity.clock).await.expect("the keys load");
    app.advance(TimeDelta::seconds(11));
    let session = {
        let claims = identity.keys.verify(
            owner.session()["access_token"].as_str().expect("a token"),
            &identity.db,
            &identity.clock,
        );
        let claims = claims.await.expect("the database answers").expect("the token holds");
        let hash = claims.session().expect("a session");
        identity::session(identity, &hash, true).await.expect("the database answers").expect("it holds")
    };
    let token = node.sign(&session, app.state().clock.now()).expect("a token");
    let mut answer = owner.session().clone();
    answer["access_token"] = token.into();
    me(&app.stranger().with_session(&answer)).await.expect(200);
}
