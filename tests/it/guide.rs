//! The walk through the API in `docs/guides/api-walk.md`, done as it is written there.
//!
//! A block that is marked `http` holds exchanges: who asks what, perhaps a body, the status after `->` with a name for
//! the record that came back, and what its answer holds at least.

use std::collections::BTreeMap;

use axum::http::{Method, header};
use serde_json::Value;

use crate::kit::{Answer, App, Client};

/// One question and what must come back.
struct Exchange {
    line: usize,
    who: String,
    method: String,
    path: String,
    body: String,
    status: u16,
    name: Option<String>,
    holds: String,
}

/// Reads every exchange of the guide.
fn exchanges(guide: &str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let (mut inside, mut answered) = (false, false);
    for (line, text) in (1..).zip(guide.lines()) {
        if text.starts_with("```") {
            inside = text == "```http";
        } else if inside
            && let Some((who, request)) = text.split_once("> ")
            && who.chars().all(char::is_alphabetic)
        {
            let (method, path) = request.split_once(' ').expect("a method and a path");
            answered = false;
            exchanges.push(Exchange {
                line,
                who: who.to_owned(),
                method: method.to_owned(),
                path: path.trim().to_owned(),
                body: String::new(),
                status: 0,
                name: None,
                holds: String::new(),
            });
        } else if inside && let Some(exchange) = exchanges.last_mut() {
            if let Some(answer) = text.strip_prefix("-> ") {
                let (status, name) = answer.split_once(" as $").map_or((answer, None), |(s, n)| (s, Some(n)));
                exchange.status = status.trim().parse().expect("a status");
                exchange.name = name.map(|name| name.trim().to_owned());
                answered = true;
            } else if answered {
                exchange.holds.push_str(text);
            } else {
                exchange.body.push_str(text);
            }
        }
    }
    exchanges
}

/// Whether an answer holds all that is expected; lists must have as many items.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| found.get(key).is_some_and(|found| holds(found, value)))
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, value)| holds(found, value))
        }
        (found, expected) => found == expected,
    }
}

/// Puts ids in the place of their names.
fn filled(text: &str, names: &BTreeMap<String, String>) -> String {
    // Longer names first, so that $deal does not spoil $deal_line.
    let mut known: Vec<_> = names.iter().collect();
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    known.into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("${name}"), id))
}

async fn ask(client: &Client, method: &str, path: &str, body: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = client.request(method, &format!("/api/v1{path}")).header(header::IF_MATCH, "*");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.app().send(request.body(body.to_owned().into()).expect("a request")).await
}

#[tokio::test]
async fn the_walk_through_the_api_goes_as_it_is_written() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/api-walk.md"));
    let guide = guide.expect("the guide is there");
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "corporate", false).await;
    let mut people = BTreeMap::from([("owner".to_owned(), owner.clone())]);
    let mut names = BTreeMap::from([("owner".to_owned(), owner.user().to_owned())]);
    let exchanges = exchanges(&guide);
    assert!(exchanges.len() >= 10, "the guide holds {} exchanges", exchanges.len());
    for Exchange { line, who, method, path, body, status, name, holds: expected } in exchanges {
        if !people.contains_key(&who) {
            let member = app.member(&owner, if who == "rep" { "worker" } else { &who }).await;
            names.insert(who.clone(), member.user().to_owned());
            people.insert(who.clone(), member);
        }
        let answer = ask(&people[&who], &method, &filled(&path, &names), &filled(&body, &names)).await;
        assert_eq!(answer.status, status, "line {line}: {}", answer.text());
        if let Some(name) = name {
            let id = answer.json()["id"].as_str().expect("an answer with an id").to_owned();
            names.insert(name, id);
        }
        if !expected.trim().is_empty() {
            let expected: Value = serde_json::from_str(&filled(&expected, &names))
                .unwrap_or_else(|error| panic!("line {line}: {error}"));
            assert!(holds(&answer.json(), &expected), "line {line}: {}", answer.text());
        }
    }
}
