//! Workspaces: by which address they are reached, and that a session of one means nothing in another.

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::TimeDelta;
use serde_json::json;
use trellis::cli::tenant;
use trellis::identity::{self, SessionKind};

use crate::kit::{Answer, App, Client, PASSWORD};

async fn at_host(client: &Client, host: &str, path: &str) -> Answer {
    let token = client.session()["access_token"].as_str().expect("a token");
    let request = Request::builder().uri(path).header(header::HOST, host);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty());
    client.app().send(request.expect("a request")).await
}

#[tokio::test]
async fn path_and_host_reach_the_same_workspace() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let by_path = owner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(at_host(&owner, "acme.crm.example", "/api/v1/me").await.expect(200).json(), by_path);
    assert_eq!(at_host(&owner, "ACME.crm.example:8443", "/api/v1/me").await.expect(200).json(), by_path);
    let root = owner.at_root().get("/api/v1/me").await.expect(200).json();
    assert_eq!(root["workspaces"][0]["slug"], "acme");
}

#[tokio::test]
async fn a_session_of_one_workspace_finds_nothing_in_another_whether_it_exists_or_not() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    app.sign_up("globex").await;
    let foreign = owner.at("globex").get("/api/v1/me").await.expect_problem(404, "not-found");
    let unknown = owner.at("nowhere").get("/api/v1/me").await.expect_problem(404, "not-found");
    assert_eq!(foreign.json()["title"], unknown.json()["title"]);
    assert_eq!(foreign.body.len(), unknown.body.len());
    at_host(&owner, "globex.crm.example", "/api/v1/me").await.expect(404);
    // An address inside an address is none.
    at_host(&owner, "acme.crm.example", "/t/globex/api/v1/me").await.expect(404);
}

#[tokio::test]
async fn signing_in_at_a_workspace_that_one_does_not_belong_to_is_not_found() {
    let app = App::start().await;
    app.sign_up("acme").await;
    app.sign_up("globex").await;
    for tenant in ["globex", "nowhere", ""] {
        let body = json!({"email": "owner@acme.example", "password": PASSWORD, "tenant": tenant});
        app.stranger().post("/api/v1/session", &body).await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn who_has_several_workspaces_chooses_one() {
    let app = App::start().await;
    app.sign_up("acme").await;
    app.sign_up("globex").await;
    app.add_member("globex", "worker", "owner@acme.example").await;
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    let session = app.stranger().post("/api/v1/session", &body).await.expect(201).json();
    assert_eq!(session["workspace"], json!(null));
    assert_eq!(session["workspaces"].as_array().map(Vec::len), Some(2));
    let nowhere = app.stranger().with_session(&session);
    nowhere.get("/api/v1/me").await.expect(200);
    nowhere.at("acme").get("/api/v1/me").await.expect(404);
    let chosen = app.sign_in("owner@acme.example", "globex").await;
    let me = chosen.get("/api/v1/me").await.expect(200).json();
    assert_eq!(
        (me["workspace"]["slug"].as_str(), me["role"]["is_owner"].as_bool()),
        (Some("globex"), Some(false))
    );
}

#[tokio::test]
async fn moving_to_another_workspace_changes_the_token_and_ends_the_old_one() {
    let app = App::start().await;
    app.sign_up("acme").await;
    app.sign_up("globex").await;
    app.add_member("globex", "worker", "owner@acme.example").await;
    let identity = &app.state().identity;
    let credentials = identity::Credentials { email: "owner@acme.example".into(), password: PASSWORD.into() };
    let started = identity::sign_in(identity, &credentials, SessionKind::Web, Some("acme"), None).await;
    let token = started.expect("they sign in").token;
    let session = async |token: &identity::SessionToken| {
        identity::session(identity, &token.hash(), true).await.expect("the database answers")
    };
    let first = session(&token).await.expect("it holds");
    app.advance(TimeDelta::days(1));
    let next = identity::switch_tenant(identity, &first, "globex").await.expect("they may");
    assert!(session(&token).await.is_none(), "the old token no longer holds");
    let second = session(&next).await.expect("it holds");
    assert_eq!(second.tenant.as_ref().map(|tenant| tenant.slug.as_str()), Some("globex"));
    assert_eq!(second.created_at, first.created_at, "the age goes on");
    let nowhere = identity::switch_tenant(identity, &second, "nowhere").await;
    assert!(matches!(nowhere, Err(identity::SignInError::NotAMember)));
    assert!(session(&next).await.is_some(), "a refused move changes nothing");
}

#[tokio::test]
async fn a_member_who_left_and_a_workspace_that_was_suspended_are_refused_at_once() {
    let app = App::start().await;
    let owner = app.sign_up("acme").await;
    let worker = app.member(&owner, "worker").await;
    worker.get("/api/v1/me").await.expect(200);
    let leave = "update memberships set active = false where not is_owner";
    app.database().as_superuser(leave).await;
    worker.get("/api/v1/me").await.expect_problem(404, "not-found");
    worker.at_root().get("/api/v1/me").await.expect(200);
    app.database().as_superuser("update tenants set state = 'suspended'").await;
    owner.get("/api/v1/me").await.expect_problem(403, "workspace-inactive");
}

#[tokio::test]
async fn a_half_made_workspace_gives_up_its_slug() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let half = "insert into tenants (id, slug, name, state, created_at)
                values (gen_random_uuid(), 'globex', 'Globex', 'pending', '2026-01-15T09:00:00Z')";
    app.database().as_superuser(half).await;
    let body = json!({"name": "Gil", "email": "gil@globex.example", "password": PASSWORD,
                      "company": "Globex", "slug": "globex"});
    app.stranger().post("/api/v1/signup", &body).await.expect_problem(409, "conflict");
    app.advance(TimeDelta::minutes(11));
    app.stranger().post("/api/v1/signup", &body).await.expect(201);
    let states = app.database().as_superuser("select state from tenants order by state").await;
    let states: Vec<_> = states.iter().map(|row| row[0].as_deref().unwrap_or_default()).collect();
    assert_eq!(states, ["active", "active", "deleted"]);
}

#[tokio::test]
async fn the_command_line_makes_a_workspace_from_a_template_and_lists_it() {
    let app = App::start().await;
    app.sign_up("acme").await;
    let (identity, catalogue) = (&app.state().identity, &app.state().catalogue);
    let new = tenant::CreateTenant {
        name: "Second Shop".into(),
        slug: None,
        owner: "Owner@Acme.example".into(),
        template: Some("blank".into()),
        samples: true,
    };
    let run = async |command| tenant::run(identity, catalogue, &command).await;
    let told = run(tenant::TenantCommand::Create(new.clone())).await.expect("the workspace is made");
    assert!(told.starts_with("created the workspace Second Shop at /t/second-shop with "), "{told}");
    let list = tenant::TenantCommand::List(tenant::ListTenants { limit: 10 });
    let listed = run(list).await.expect("a list");
    assert!(listed.contains("second-shop") && listed.ends_with("2 workspaces"), "{listed}");
    let owner = app.sign_in("owner@acme.example", "second-shop").await;
    let me = owner.get("/api/v1/me").await.expect(200).json();
    assert!(me["workspace"]["template"].as_str().is_some_and(|text| text.starts_with("blank ")), "{me}");
    for (owner, template) in [("nobody@acme.example", "blank"), ("owner@acme.example", "bakery")] {
        let wrong =
            tenant::CreateTenant { owner: owner.into(), template: Some(template.into()), ..new.clone() };
        let refused = run(tenant::TenantCommand::Create(wrong)).await;
        assert!(refused.is_err(), "{owner} {template}");
    }
    let count = app.database().as_superuser("select count(*) from tenants").await;
    assert_eq!(count[0][0].as_deref(), Some("2"), "a refused command leaves nothing behind");
}

#[tokio::test]
async fn a_method_that_is_not_offered_is_told_with_those_that_are() {
    let app = App::start().await;
    let request = app.stranger().request(Method::PUT, "/api/v1/session").body(Body::empty());
    let answer = app.send(request.expect("a request")).await.expect_problem(405, "method-not-allowed");
    assert!(answer.header("allow").contains("POST"), "{:?}", answer.headers);
    app.stranger().get("/api/v1/nowhere").await.expect_problem(404, "not-found");
}
