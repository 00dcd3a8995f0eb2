//! Lists and the evaluator agree: for any records and any condition, the API's list holds exactly those records for
//! which the expression language says true. The evaluator's side is put together here, out of the API's own answers.

mod conditions;
mod data;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use trellis::expr::{self, Env, Scope, Type, Value};
use trellis::field::Field;

use crate::kit::{App, Client};
use crate::records::{ITEMS, add_field, id};

/// Where days begin: in this zone clocks have jumped over midnight, and shown it twice.
const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;

/// The module as a stranger can know it: field definitions and stages from the API.
struct Shape {
    fields: BTreeMap<String, Field>,
    stages: Vec<String>,
    /// Records by id, for what lies behind relations.
    records: BTreeMap<String, Json>,
}

impl Shape {
    async fn of(client: &Client) -> Self {
        let module = client.get("/api/v1/modules/items").await.expect(200).json();
        let definitions = module["fields"].as_array().expect("fields");
        let fields = definitions.iter().map(|definition| {
            let mut definition = definition.clone();
            for added in ["id", "origin", "indexed", "indexing"] {
                definition.as_object_mut().and_then(|definition| definition.remove(added));
            }
            let field = Field::from_json(&definition).expect("the API shows sound definitions");
            (field.key.clone(), field)
        });
        let stages = module["pipelines"][0]["stages"].as_array().expect("stages");
        let stages = stages.iter().map(|stage| stage["key"].as_str().expect("a key").to_owned());
        Self { fields: fields.collect(), stages: stages.collect(), records: BTreeMap::new() }
    }

    /// A record's value at a path, as the language sees it.
    fn value(&self, record: &Json, path: &str) -> Value {
        let text = |value: &Json| value.as_str().map_or(Value::Null, |text| Value::Text(text.to_owned()));
        let instant = |value: &Json| {
            let at = value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
            at.map_or(Value::Null, Value::Instant)
        };
        if let Some((relation, rest)) = path.split_once('.') {
            let related = record["data"][relation]["id"].as_str().and_then(|id| self.records.get(id));
            return related.map_or(Value::Null, |related| self.value(related, rest));
        }
        match path {
            "title" | "stage" => text(&record[path]),
            "owner" | "created_by" | "updated_by" => text(&record[path]["id"]),
            "created_at" | "updated_at" => instant(&record[path]),
            "version" => record[path].as_i64().map_or(Value::Null, |version| Value::Number(version.into())),
            path => {
                let stored = match &record["data"][path] {
                    Json::Object(face) if face.contains_key("id") => face["id"].clone(),
                    Json::Array(faces) => {
                        faces.iter().map(|face| face.get("id").unwrap_or(face).clone()).collect()
                    }
                    stored => stored.clone(),
                };
                if stored.is_null() { Value::Null } else { self.fields[path].kind.expr_value(&stored) }
            }
        }
    }
}

impl Scope for Shape {
    fn field(&self, path: &[&str]) -> Option<Type> {
        let [key, rest @ ..] = path else { return None };
        if !rest.is_empty() {
            let leads = self.fields.get(*key).is_some_and(|field| field.kind.type_key() == "relation");
            return leads.then(|| self.field(rest)).flatten();
        }
        Some(match *key {
            "title" => Type::Text,
            "stage" => Type::Choice(self.stages.clone()),
            "owner" | "created_by" | "updated_by" => Type::Reference,
            "created_at" | "updated_at" => Type::Instant,
            "version" => Type::Number,
            key => self.fields.get(key)?.kind.expr_type(),
        })
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A workspace in [`ZONE`] with one field of every type, with and without a slot, and random records.
async fn filled(runner: &mut TestRunner, records: usize) -> (App, Client) {
    let app = App::start().await;
    let owner = app.sign_up_with("acme", "blank", false).await;
    app.database().as_superuser(&format!("update tenants set timezone = '{}'", ZONE.name())).await;
    for definition in data::fields() {
        let slotted = definition["sortable"] != false
            && !["long_text", "multi_choice", "relations", "rich_text", "tags", "members", "location"]
                .contains(&definition["type"].as_str().unwrap_or_default());
        let field = add_field(&owner, definition).await;
        assert_eq!(field["indexed"], slotted, "{field}");
    }
    let mut others: Vec<String> = Vec::new();
    for _ in 0..records {
        let body = data::record(&others, owner.user()).new_tree(runner).expect("a record").current();
        let record = owner.post(ITEMS, &body).await.expect(201).json();
        others.push(id(&record).to_owned());
    }
    (app, owner)
}

fn holds(shape: &Shape, checked: &expr::Checked, record: &Json, user: &str) -> bool {
    let fields = |path: &str| shape.value(record, path);
    let now = "2026-01-15T09:00:00Z".parse().expect("an instant");
    let env = Env { fields: &fields, now, timezone: ZONE, user: Some(user) };
    expr::evaluate(checked, &env) == Ok(Value::Boolean(true))
}

fn query(parameters: &[(&str, &str)]) -> String {
    format!("{ITEMS}?{}", serde_html_form::to_string(parameters).expect("a query"))
}

async fn listed(client: &Client, filter: &str) -> Result<Vec<String>, String> {
    let answer = client.get(&query(&[("filter", filter), ("limit", "100"), ("count", "exact")])).await;
    if answer.status != 200 {
        return Err(answer.text());
    }
    let page = answer.json();
    let ids: Vec<String> =
        page["data"].as_array().expect("records").iter().map(|record| id(record).to_owned()).collect();
    assert_eq!(page["count"], json!({"value": ids.len(), "exact": true}), "{filter}");
    Ok(ids)
}

fn cases() -> usize {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    let long = std::env::var("TRELLIS_LONG").is_ok();
    if long { 6_000 } else { 300 }
}

#[tokio::test]
async fn lists_and_evaluator_agree() {
    let mut runner = TestRunner::deterministic();
    let (_app, owner) = filled(&mut runner, 70).await;
    let mut shape = Shape::of(&owner).await;
    let records = owner.get(&query(&[("limit", "100")])).await.expect(200).json()["data"].clone();
    let records = records.as_array().expect("records");
    assert_eq!(records.len(), 70);
    shape.records = records.iter().map(|record| (id(record).to_owned(), record.clone())).collect();
    let conditions = conditions::condition(id(&records[0]));
    let (mut faults, mut found) = (Vec::new(), 0);
    for _ in 0..cases() {
        let source = conditions.new_tree(&mut runner).expect("a condition").current();
        let checked = match expr::condition(&source, &shape) {
            Ok(checked) => checked,
            // The generator may overstep a limit of the language, nothing else.
            Err(problems) if problems.iter().all(|problem| problem.message.contains("more than")) => continue,
            Err(problems) => panic!("{source}: {problems:?}"),
        };
        let matches = |record: &&Json| holds(&shape, &checked, record, owner.user());
        let expected: Vec<&str> = records.iter().filter(matches).map(id).collect();
        found += expected.len();
        match listed(&owner, &source).await {
            Ok(ids) if ids == expected => {}
            Ok(ids) => {
                let differ = |record: &&Json| {
                    ids.iter().any(|listed| listed == id(record)) != expected.contains(&id(record))
                };
                let record = records.iter().find(differ).map(|record| record["data"].to_string());
                faults.push(format!(
                    "{source}\n  {} listed, {} expected; {record:?}",
                    ids.len(),
                    expected.len()
                ));
            }
            Err(answer) => faults.push(format!("{source}\n  {answer}")),
        }
    }
    assert!(faults.is_empty(), "{} disagree:\n{}", faults.len(), faults[..faults.len().min(12)].join("\n"));
    assert!(found > cases() * 5, "conditions that are never true prove little: {found}");
}

#[tokio::test]
async fn what_a_list_cannot_be_filtered_by_is_told() {
    let (_app, owner) = crate::records::starter("acme").await;
    for (filter, word) in [
        ("date(name) > today()", "date() of a field cannot be used to filter a list"),
        ("date_time(name) > now()", "date_time() of a text field cannot be used to filter a list"),
        ("nme == 'x'", "did you mean 'name'?"),
        ("amount == 'ten'", "number cannot be compared with text"),
        ("assignee.name == 'x'", "unknown field"),
        ("name ==", "column 8"),
        ("name", "expected a condition"),
        ("amount + days(1) > 1", "days"),
    ] {
        let answer = owner.get(&query(&[("filter", filter)])).await.expect_problem(422, "invalid-query");
        let fault = answer.json()["errors"][0].clone();
        assert_eq!(fault["parameter"], "filter", "{filter}");
        assert!(fault["message"].as_str().is_some_and(|message| message.contains(word)), "{filter}: {fault}");
    }
}

#[tokio::test]
async fn no_amount_moves_a_date_into_an_error() {
    let (_app, owner) = crate::records::starter("acme").await;
    add_field(&owner, json!({"key": "steps", "label": "Steps", "type": "decimal", "scale": 2})).await;
    for steps in
        ["999999999999999", "-999999999999999", "4000000", "-4000000", "0.99", "120000", "-2147483648"]
    {
        crate::records::create(&owner, json!({"name": "x", "steps": steps, "due_on": "2026-01-31"})).await;
    }
    for unit in ["days", "months", "years", "hours"] {
        let day = if unit == "hours" { "created_at" } else { "due_on" };
        for base in [day, "created_at", "now()"] {
            for count in
                ["steps", "steps * 1000", "999999999999999", "-999999999999999", "9223372036854775807 % 3"]
            {
                let filter = format!("{base} + {unit}({count}) - {unit}({count}) is empty");
                owner.get(&query(&[("filter", &filter)])).await.expect(200);
            }
        }
    }
    let found = listed(&owner, "due_on + days(steps) == '2026-01-31'").await;
    assert_eq!(found.map(|ids| ids.len()), Ok(1), "a fraction is cut off");
}
