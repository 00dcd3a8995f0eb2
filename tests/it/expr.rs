//! The expression language: its grammar, its checker, its semantics and its limits.

mod browser;
mod grammar;
mod properties;
mod semantics;
mod typing;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use trellis::expr::{self, Env, Problem, Scope, Type, Value};

/// A module of a hospital, as far as the tests speak of it.
pub struct Fields;

impl Scope for Fields {
    fn field(&self, path: &[&str]) -> Option<Type> {
        let options = |keys: [&str; 3]| keys.map(str::to_owned).to_vec();
        Some(match path {
            ["name" | "nick" | "first_name" | "last_name" | "notes" | "in"] => Type::Text,
            ["doctor", "department"] | ["doctor", "department", "name"] => Type::Text,
            ["status"] => Type::Choice(options(["open", "waiting", "closed"])),
            ["former_status"] => Type::Choice(options(["open", "waiting", "lost"])),
            ["tags"] => Type::ChoiceList(options(["vip", "new", "late"])),
            ["owner" | "doctor"] => Type::Reference,
            ["amount" | "discount" | "age"] => Type::Number,
            ["active" | "vip"] => Type::Boolean,
            ["birth_date"] => Type::Date,
            ["created_at"] => Type::Instant,
            _ => return None,
        })
    }

    fn names(&self) -> Vec<String> {
        let names = [
            "name",
            "nick",
            "first_name",
            "last_name",
            "notes",
            "status",
            "former_status",
            "tags",
            "owner",
            "doctor",
            "amount",
            "discount",
            "age",
            "active",
            "vip",
            "birth_date",
            "created_at",
        ];
        names.map(str::to_owned).to_vec()
    }
}

/// The acting user in the tests.
pub const USER: &str = "018f2f60-0000-7000-8000-000000000001";

/// The moment at which expressions are evaluated: 00:30 on 2 March in Berlin, still 1 March in UTC.
pub fn present() -> DateTime<Utc> {
    instant("2026-03-01T23:30:00Z")
}

/// Parses an instant that a test wrote.
pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("tests write valid instants").to_utc()
}

/// A date that a test wrote.
pub fn day(text: &str) -> Value {
    Value::Date(NaiveDate::parse_from_str(text, "%Y-%m-%d").expect("tests write valid dates"))
}

/// A number that a test wrote.
pub fn number(text: &str) -> Value {
    Value::Number(Decimal::from_str_exact(text).expect("tests write valid numbers"))
}

/// A text value.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A record: values by field; all others are null.
pub type Record = BTreeMap<&'static str, Value>;

/// The value of `source` for `record`, in Berlin.
pub fn value(source: &str, record: &Record) -> Value {
    value_in(source, record, Tz::Europe__Berlin)
}

/// The value of `source` for `record`, in `timezone`.
pub fn value_in(source: &str, record: &Record, timezone: Tz) -> Value {
    let parsed = expr::parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let checked = expr::check(&parsed, &Fields).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let fields = |path: &str| record.get(path).cloned().unwrap_or(Value::Null);
    let env = Env { fields: &fields, now: present(), timezone, user: Some(USER) };
    expr::evaluate(&checked, &env).expect("tests stay within the budget")
}

/// Whether `source` is true for `record`.
pub fn holds(source: &str, record: &Record) -> bool {
    value(source, record) == Value::Boolean(true)
}

/// What parser and checker have against `source`.
pub fn complaints(source: &str) -> Vec<Problem> {
    match expr::parse(source) {
        Ok(parsed) => expr::check(&parsed, &Fields).err().unwrap_or_default(),
        Err(problems) => problems,
    }
}
