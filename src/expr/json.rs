//! A checked expression as JSON, for the evaluator that runs in the browser (`ui/ts/expression/evaluate.mjs`).

use serde_json::{Value as Json, json};

use super::function::{Function, Unit};
use super::node::{Checked, Comparison, Node, Step};
use super::syntax::{Factor, Sign};
use super::value::{Type, Value};

impl Checked {
    /// Its tree: every node is a list that begins with its name.
    pub fn to_json(&self) -> Json {
        node(&self.root)
    }
}

impl Value {
    /// The value: texts, booleans and lists as they are, `{"n": "1.5"}`, `{"d": "2026-01-31"}`, an instant as
    /// `{"i": "microseconds since 1970"}`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => json!(text),
            Self::Number(number) => json!({"n": number.to_string()}),
            Self::Boolean(flag) => json!(flag),
            Self::Date(day) => json!({"d": day.format("%Y-%m-%d").to_string()}),
            Self::Instant(at) => json!({"i": at.timestamp_micros().to_string()}),
            Self::List(items) => json!(items),
        }
    }
}

impl Type {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Choice(_) => "choice",
            Self::Reference => "reference",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::ChoiceList(_) | Self::ReferenceList | Self::List => "list",
            Self::Structure => "structure",
            Self::Null => "null",
        }
    }
}

fn node(of: &Node) -> Json {
    match of {
        Node::Literal(value) => json!(["value", value.to_json()]),
        Node::Field { path, .. } => json!(["field", path]),
        Node::User => json!(["user"]),
        Node::All(parts) => json!(["all", nodes(parts)]),
        Node::Any(parts) => json!(["any", nodes(parts)]),
        Node::Not(part) => json!(["not", node(part)]),
        Node::Compare { left, op, right, ty } => {
            json!(["compare", comparison(*op), ty.word(), node(left), node(right)])
        }
        Node::In { needle, values, ty } => json!(["in", ty.word(), node(needle), nodes(values)]),
        Node::Contains { text, part } => json!(["contains", node(text), node(part)]),
        Node::ListContains { list, option } => json!(["holds", node(list), node(option)]),
        Node::StartsWith { text, part } => json!(["starts", node(text), node(part)]),
        Node::EndsWith { text, part } => json!(["ends", node(text), node(part)]),
        Node::IsEmpty(part) => json!(["empty", node(part)]),
        Node::Sum(terms) => {
            json!([
                "chain",
                terms.iter().map(|(sign, term)| json!([plus(*sign), node(term)])).collect::<Vec<_>>()
            ])
        }
        Node::Product(factors) => {
            let factors = factors.iter().map(|(factor, of)| json!([times(*factor), node(of)]));
            json!(["chain", factors.collect::<Vec<_>>()])
        }
        Node::Negate(part) => json!(["negate", node(part)]),
        Node::Shift { base, steps, .. } => {
            json!(["shift", node(base), steps.iter().map(step).collect::<Vec<_>>()])
        }
        Node::Call { function, args, .. } => json!(["call", name(*function), nodes(args)]),
    }
}

fn nodes(of: &[Node]) -> Vec<Json> {
    of.iter().map(node).collect()
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "==",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn plus(sign: Sign) -> &'static str {
    match sign {
        Sign::Plus => "+",
        Sign::Minus => "-",
    }
}

fn times(factor: Factor) -> &'static str {
    match factor {
        Factor::Times => "*",
        Factor::Over => "/",
        Factor::Remainder => "%",
    }
}

fn step(step: &Step) -> Json {
    let unit = match step.unit {
        Unit::Hours => "hours",
        Unit::Days => "days",
        Unit::Months => "months",
        Unit::Years => "years",
    };
    json!([plus(step.sign), unit, node(&step.count)])
}

fn name(function: Function) -> &'static str {
    match function {
        Function::Now => "now",
        Function::Today => "today",
        Function::Date => "date",
        Function::DateTime => "date_time",
        Function::Concat => "concat",
        Function::Lower => "lower",
        Function::Upper => "upper",
        Function::Trim => "trim",
        Function::Length => "length",
        Function::Coalesce => "coalesce",
        Function::If => "if",
        Function::Round => "round",
        Function::Abs => "abs",
        Function::Min => "min",
        Function::Max => "max",
    }
}
