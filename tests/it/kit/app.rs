//! The whole house in-process, on a database of its own and a clock that stands still.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use trellis::blob::LocalDisk;
use trellis::clock::Clock;
use trellis::db::Db;
use trellis::http::client::Peer;
use trellis::http::{AppState, HttpSettings};
use trellis::template::Catalogue;

use super::{Answer, Client, Database};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// When every test begins.
const START: &str = "2026-01-15T09:00:00Z";

/// A house for one test; cheap to clone. The database goes when the last clone does.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    state: AppState,
    router: Router,
    database: Arc<Database>,
    /// Uploaded files.
    folder: Arc<TempDir>,
}

impl App {
    /// The house as it is served, without a rate limit.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The house with other settings.
    pub async fn with(change: impl FnOnce(&mut HttpSettings)) -> Self {
        Self::build(change, trellis::app::router).await
    }

    /// The house with a router of the test's own.
    pub async fn build(
        change: impl FnOnce(&mut HttpSettings),
        router: impl FnOnce(&AppState) -> Router,
    ) -> Self {
        let database = Arc::new(Database::create().await);
        let db = database.db.clone();
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::over(db, (database, folder), change, router).await
    }

    /// Another node on the same database, with a clock, caches and connections of its own.
    pub async fn beside(&self) -> Self {
        let database = self.0.database.clone();
        let db = Db::connect(&database.settings).await.expect("the second node connects");
        Self::over(db, (database, self.0.folder.clone()), |_| {}, trellis::app::router).await
    }

    async fn over(
        db: Db,
        (database, folder): (Arc<Database>, Arc<TempDir>),
        change: impl FnOnce(&mut HttpSettings),
        router: impl FnOnce(&AppState) -> Router,
    ) -> Self {
        let mut settings = HttpSettings {
            root_url: "http://crm.example".parse().expect("an address"),
            root_domain: Some("crm.example".into()),
            secure_cookies: false,
            trusted_proxies: Vec::new(),
            rate_limit: 0,
            file_bytes: 1024 * 1024,
            open_sign_up: true,
        };
        change(&mut settings);
        let clock = Clock::fixed(START.parse::<DateTime<Utc>>().expect("an instant"));
        let files = Arc::new(LocalDisk::new(folder.path()));
        let state = trellis::http::App::open(db, clock, files, catalogue(), settings);
        let state = state.await.expect("the state is complete");
        let router = router(&state);
        Self(Arc::new(Inner { state, router, database, folder }))
    }

    /// The state that handlers see.
    pub fn state(&self) -> &AppState {
        &self.0.state
    }

    /// The database behind it.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The folder that holds uploaded files.
    pub fn files(&self) -> &std::path::Path {
        self.0.folder.path()
    }

    /// What the work in the background does about now.
    pub async fn background(&self) {
        let state = self.state();
        trellis::worker::tell(&state.db, &state.clock).await.expect("people are told");
        let background = trellis::worker::Background {
            db: state.db.clone(),
            caches: state.caches.clone(),
            clock: state.clock.clone(),
            files: state.files.clone(),
        };
        trellis::worker::keep_house_once(&background).await.expect("the house is kept");
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        self.0.state.clock.advance(by);
    }

    /// Sends a request as it is, from a socket of this machine.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if request.extensions().get::<Peer>().is_none() {
            request.extensions_mut().insert(Peer(SocketAddr::from(([127, 0, 0, 1], 50_000))));
        }
        let response = self.0.router.clone().oneshot(request).await;
        Answer::read(response.unwrap_or_else(|never| match never {})).await
    }

    /// Somebody who has not signed in.
    pub fn stranger(&self) -> Client {
        Client::stranger(self.clone())
    }

    /// Signs up a person, `owner@<slug>.example`, with a workspace that has this slug.
    pub async fn sign_up(&self, slug: &str) -> Client {
        let email = format!("owner@{slug}.example");
        let body = json!({"name": "Olga Owner", "email": email, "password": PASSWORD, "company": slug, "slug": slug});
        let answer = self.stranger().post("/api/v1/signup", &body).await.expect(201);
        self.stranger().with_session(&answer.json())
    }

    /// Signs up a person and makes the workspace from a template.
    pub async fn sign_up_with(&self, slug: &str, template: &str, samples: bool) -> Client {
        let owner = self.sign_up(slug).await;
        let body = json!({"template": template, "samples": samples});
        owner.post("/api/v1/workspace/template", &body).await.expect(201);
        owner
    }

    /// Adds a person, `<role>@<slug>.example`, to the workspace of `owner` and signs them in.
    pub async fn member(&self, owner: &Client, role: &str) -> Client {
        let email = format!("{role}@{}.example", owner.slug());
        self.add_member(owner.slug(), role, &email).await;
        self.sign_in(&email, owner.slug()).await
    }

    /// Adds a person with this address to a workspace.
    pub async fn add_member(&self, slug: &str, role: &str, email: &str) {
        let new = trellis::cli::user::CreateUser {
            email: email.to_owned(),
            name: format!("Willem {role}"),
            tenant: Some(slug.to_owned()),
            role: role.to_owned(),
            ..Default::default()
        };
        let created = trellis::cli::user::create(&self.state().identity, &new, PASSWORD).await;
        created.unwrap_or_else(|error| panic!("{email} could not be added to {slug}: {error:#}"));
    }

    /// Signs a person in at a workspace.
    pub async fn sign_in(&self, email: &str, slug: &str) -> Client {
        let body = json!({"email": email, "password": PASSWORD, "tenant": slug});
        let answer: Value = self.stranger().post("/api/v1/session", &body).await.expect(201).json();
        self.stranger().with_session(&answer)
    }
}

/// Loaded once for all tests: it never changes.
fn catalogue() -> Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::new(&[])).clone()
}
