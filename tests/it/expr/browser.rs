//! The evaluator of the browser against that of the server, in Node: the same tree, the same fields, the same value.

use std::path::Path;
use std::process::Command;

use chrono::Datelike;
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use trellis::expr::{self, Env, Value};

use super::properties::{conditional, numeric, record};
use super::{Fields, Record, USER, present};

/// Texts, dates and instants that are made.
const MADE: [&str; 27] = [
    "concat(name, \" \", amount, active, birth_date, created_at, status)",
    "upper(concat(name, nick))",
    "trim(concat(\" \u{85}\u{a0}\", name, \"\\n \"))",
    "length(concat(name, \"é😀\"))",
    "coalesce(nick, name, \"nobody\")",
    "birth_date + months(age) - days(discount)",
    "birth_date + years(1) - months(13)",
    "created_at + days(age) + hours(7)",
    "created_at - months(5) + hours(discount)",
    "date_time(birth_date) + days(1)",
    "date_time(\"2026-03-29T02:30\")",
    "date_time(\"2026-10-25T02:30\") + days(0)",
    "date_time(\"2026-10-24T02:30:01.5\") + days(1)",
    "today() + days(age)",
    "max(created_at, now())",
    "start_of(birth_date + days(age), \"week\")",
    "end_of(birth_date - days(discount), \"month\")",
    "start_of(birth_date + months(age), \"quarter\")",
    "end_of(today(), \"year\")",
    "start_of(created_at + days(age), \"week\")",
    "end_of(created_at - hours(discount), \"day\")",
    "end_of(date_time(\"2018-11-03\") + hours(age), \"day\")",
    "age(birth_date + days(age), today() + months(discount))",
    "replace(concat(name, nick, name), nick, name)",
    "replace(concat(name, \"a-A\", nick), \"a\", nick)",
    "substring(concat(nick, \"é😀\", name), 2, 3)",
    "min(birth_date, date(\"2026-02-28\"))",
];

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => conditional(),
        3 => numeric(),
        3 => prop::sample::select(MADE.to_vec()).prop_map(str::to_owned),
    ]
}

fn case(source: &str, record: &Record, zone: Tz) -> Option<Json> {
    let checked = expr::parse(source).and_then(|parsed| expr::check(&parsed, &Fields)).ok()?;
    let fields = |path: &str| record.get(path).cloned().unwrap_or(Value::Null);
    let env = Env { fields: &fields, now: present(), timezone: zone, user: Some(USER) };
    let value = expr::evaluate(&checked, &env).ok()?;
    // Nobody knows how clocks will be set so far ahead, and libraries guess differently.
    if matches!(&value, Value::Instant(at) if at.year() >= 2100) {
        return None;
    }
    let fields: serde_json::Map<_, _> =
        record.iter().map(|(key, value)| ((*key).to_owned(), value.to_json())).collect();
    Some(json!({"source": source, "tree": checked.to_json(), "fields": fields, "value": value.to_json()}))
}

/// What Node says of some cases.
fn judge(zone: Tz, cases: &[Json]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("cases.json");
    let now = present().timestamp_micros().to_string();
    let content = json!({"zone": zone.name(), "now": now, "user": USER, "cases": cases});
    std::fs::write(&file, content.to_string()).map_err(|error| error.to_string())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/test/agree.mjs");
    let output =
        Command::new("node").arg(script).arg(&file).output().map_err(|error| format!("node: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

#[test]
fn the_browser_gives_the_values_of_the_server() {
    let amount = if std::env::var_os("TRELLIS_LONG").is_some() { 60_000 } else { 3_000 };
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    for zone in [Tz::Europe__Berlin, Tz::America__Sao_Paulo, Tz::UTC] {
        let mut cases = Vec::new();
        while cases.len() < amount {
            let drawn = (source(), record()).new_tree(&mut runner).expect("a case");
            let (source, record) = drawn.current();
            cases.extend(case(&source, &record, zone));
        }
        judge(zone, &cases).unwrap_or_else(|said| panic!("in {zone}: {said}"));
    }
}

#[test]
fn a_wrong_value_is_found() {
    let mut wrong = case("1 + 1", &Record::new(), Tz::UTC).expect("a case");
    wrong["value"] = json!({"n": "3"});
    let said = judge(Tz::UTC, &[wrong]).expect_err("it is wrong");
    assert!(said.contains("1 cases, 1 wrong"), "{said}");
}
