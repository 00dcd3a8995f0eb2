//! Requests that are cut short, at every await they have: each leaves its connection clean, other tenants unharmed, and
//! its work either whole or undone.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use futures_util::future::join_all;
use serde_json::{Value, json};
use trellis::http::{AppState, address, layers};

use crate::kit::{Answer, App, Client, Database};

/// Requests that are cut short in each test.
const CUT: usize = 200;

/// A small generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Where a request is given up.
#[derive(Clone, Copy, Debug)]
enum Patience {
    /// After it was polled so many times.
    Polls(u64),
    /// After so many microseconds.
    Micros(u64),
}

/// The output of a future, unless patience ends before; then the future is dropped where it stands.
async fn patiently<F: Future>(future: F, patience: Patience) -> Option<F::Output> {
    match patience {
        Patience::Micros(micros) => tokio::time::timeout(Duration::from_micros(micros), future).await.ok(),
        Patience::Polls(polls) => {
            let mut future = pin!(future);
            let mut left = polls;
            poll_fn(move |context| match (left, future.as_mut().poll(context)) {
                (_, Poll::Ready(output)) => Poll::Ready(Some(output)),
                (0, Poll::Pending) => Poll::Ready(None),
                (_, Poll::Pending) => {
                    left -= 1;
                    Poll::Pending
                }
            })
            .await
        }
    }
}

/// The house without the layer that lets writes run to their end when a client goes away.
fn cut_to_the_quick(app: &AppState) -> Router {
    let (root, _) = trellis::api::root_routes().split_for_parts();
    let (tenant, _) = trellis::api::tenant_routes().split_for_parts();
    let bare = address::dispatch(root.with_state(app.clone()), tenant.with_state(app.clone()), None);
    layers::outer(bare, app)
}

fn contact(client: &Client, name: &str) -> Request<Body> {
    let body = json!({"data": {"first_name": name, "last_name": "Cut"}}).to_string();
    let request = client.request(Method::POST, "/api/v1/records/contacts");
    request.header(header::CONTENT_TYPE, "application/json").body(body.into()).expect("a request")
}

/// One of: a new record, a change of the first one, a list, a search, a new field.
fn any_request(client: &Client, first: &str, number: usize) -> Request<Body> {
    let json = |method: Method, path: &str, body: Value| {
        let request = client.request(method, path).header(header::IF_MATCH, "*");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(body.to_string().into()).expect("a request")
    };
    let get = |path: &str| client.request(Method::GET, path).body(Body::empty()).expect("a request");
    match number % 5 {
        0 | 1 => contact(client, &format!("New {number}")),
        2 => json(
            Method::PATCH,
            &format!("/api/v1/records/contacts/{first}"),
            json!({"data": {"first_name": format!("Changed {number}")}}),
        ),
        3 => get("/api/v1/records/contacts?q=cut&sort=-title"),
        _ => json(
            Method::POST,
            "/api/v1/modules/contacts/fields",
            json!({"key": format!("cut_{number}"), "label": "Cut", "type": "text"}),
        ),
    }
}

/// Sends the requests, eight at a time, each with its own patience; gives what was answered in time.
async fn impatient(app: &App, requests: Vec<Request<Body>>, random: &mut Random) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut requests = requests.into_iter().peekable();
    while requests.peek().is_some() {
        let batch = requests.by_ref().take(8).map(|request| {
            let patience = match random.below(3) {
                0 => Patience::Micros(random.below(20_000)),
                _ => Patience::Polls(random.below(40)),
            };
            patiently(app.send(request), patience)
        });
        answers.extend(join_all(batch).await.into_iter().flatten());
    }
    answers
}

/// Waits until no connection of the runtime roles is at work, and fails if one stays inside a transaction.
async fn assert_clean(database: &Database) {
    let sql = "select usename, state, query from pg_stat_activity where datname = current_database()
                 and usename in ('trellis_app', 'trellis_system') and state <> 'idle'";
    let mut busy = database.as_superuser(sql).await;
    for _ in 0..100 {
        if busy.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        busy = database.as_superuser(sql).await;
    }
    panic!("connections that are not clean: {busy:?}");
}

async fn number(database: &Database, sql: &str) -> i64 {
    let rows = database.as_superuser(sql).await;
    rows[0][0].as_deref().and_then(|text| text.parse().ok()).expect("a number")
}

/// Every record of this test has its audit entry and its event for every version: nothing is half there.
async fn assert_whole(database: &Database) {
    let written = "from records r where r.source = 'api'";
    let versions = number(database, &format!("select coalesce(sum(r.version), 0) {written}")).await;
    for journal in ["audit_log", "events"] {
        let entries = format!(
            "select count(*) from {journal} j join records r on r.tenant_id = j.tenant_id and r.id = j.record_id
             where r.source = 'api' and j.version between 1 and r.version"
        );
        assert_eq!(number(database, &entries).await, versions, "one line in {journal} for every version");
        let orphans = format!(
            "select count(*) from {journal} j where j.record_id is not null and not exists (
               select from records r where r.tenant_id = j.tenant_id and r.id = j.record_id)"
        );
        assert_eq!(number(database, &orphans).await, 0, "no line in {journal} without its record");
    }
}

/// The titles of a workspace's contacts.
async fn titles(client: &Client) -> Vec<String> {
    let page = client.get("/api/v1/records/contacts?limit=100&sort=title").await.expect(200).json();
    let records = page["data"].as_array().cloned().unwrap_or_default();
    records.iter().map(|record| record["title"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Cuts requests of one tenant short and looks at everything afterwards. Gives how many were answered.
async fn cut_short(app: &App, seed: u64) -> usize {
    let (one, other) = (
        app.sign_up_with("one", "corporate", false).await,
        app.sign_up_with("two", "corporate", false).await,
    );
    let first = app.send(contact(&one, "First")).await.expect(201).json();
    let first = first["id"].as_str().expect("an id").to_owned();
    app.send(contact(&other, "Other")).await.expect(201);
    let requests = (0..CUT).map(|n| any_request(&one, &first, n)).collect();
    let answers = impatient(app, requests, &mut Random(seed)).await;
    app.state().tasks.close();
    tokio::time::timeout(Duration::from_secs(30), app.state().tasks.wait())
        .await
        .expect("writes come to their end");
    app.state().tasks.reopen();
    assert_clean(app.database()).await;
    assert_whole(app.database()).await;
    for answer in &answers {
        assert!(answer.status < 500 || answer.status == 503, "{}", answer.text());
    }
    let created: Vec<Value> =
        answers.iter().filter(|answer| answer.status == 201).map(Answer::json).collect();
    for record in created.iter().filter(|created| created["module"] == "contacts") {
        let id = record["id"].as_str().expect("an id");
        one.get(&format!("/api/v1/records/contacts/{id}")).await.expect(200);
    }
    // More at once than there are connections, so that each of them is used.
    for seen in join_all((0..16).map(|_| titles(&other))).await {
        assert_eq!(seen, ["Other Cut"], "the other tenant sees its own record alone");
    }
    for n in 0..16 {
        app.send(contact(&other, &format!("Later {n}"))).await.expect(201);
    }
    assert_eq!(titles(&other).await.len(), 17, "what is written on those connections lasts");
    answers.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_are_dropped_anywhere_leave_clean_connections() {
    let app = App::build(|_| {}, cut_to_the_quick).await;
    let answered = cut_short(&app, 0x5EED_0001).await;
    assert!(
        (5..CUT - 50).contains(&answered),
        "{answered} of {CUT} were answered: too few or too many were cut"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_cuts_no_write_short() {
    let app = App::start().await;
    let answered = cut_short(&app, 0x5EED_0002).await;
    assert!(answered < CUT - 50, "{answered} of {CUT} were answered: too few were cut");
}
