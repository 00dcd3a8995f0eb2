//! One condition of a filter, between its three forms: field, operator and value in the builder; an expression; words.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::system;
use crate::expr::{self, Comparison, Node};
use crate::field::{Field, FieldKind, Locale};
use crate::schema::Module;

/// What a field is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Operator {
    /// What the builder sends.
    pub key: &'static str,
    /// What people read between field and value.
    pub label: &'static str,
    /// Keys of the field types that can be asked so, with blanks between them.
    pub types: &'static str,
    /// How the expression language writes it.
    #[serde(skip)]
    symbol: &'static str,
}

const TEXTS: &str = "text long_text rich_text code email phone url address color auto_number";
const SINGLE: &str = "text long_text rich_text code email phone url address color auto_number time choice relation member \
                      integer decimal money percent line_items duration rating date";
const WITHIN: &str = "text long_text rich_text code email phone url address color auto_number multi_choice tags members relations";
const NUMBERS: &str = "integer decimal money percent line_items duration rating";
const MOMENTS: &str = "date date_time time";
const EVERY: &str = "text long_text rich_text code email phone url address color auto_number time choice multi_choice \
                     tags relation relations member members integer decimal money percent line_items duration rating boolean date date_time \
                     location json";

/// Every operator, in the order of the menu.
pub(super) const OPERATORS: &[Operator] = &[
    operator("is", "is", SINGLE, "=="),
    operator("is_not", "is not", SINGLE, "!="),
    operator("contains", "contains", WITHIN, "contains"),
    operator("starts_with", "starts with", TEXTS, "starts_with"),
    operator("gt", "is more than", NUMBERS, ">"),
    operator("ge", "is at least", NUMBERS, ">="),
    operator("lt", "is less than", NUMBERS, "<"),
    operator("le", "is at most", NUMBERS, "<="),
    operator("after", "is after", MOMENTS, ">"),
    operator("from", "is from", MOMENTS, ">="),
    operator("before", "is before", MOMENTS, "<"),
    operator("until", "is until", MOMENTS, "<="),
    operator("yes", "is yes", "boolean", "== true"),
    operator("no", "is no", "boolean", "== false"),
    operator("empty", "is empty", EVERY, "is empty"),
    operator("not_empty", "is not empty", EVERY, "is not empty"),
];

const fn operator(
    key: &'static str,
    label: &'static str,
    types: &'static str,
    symbol: &'static str,
) -> Operator {
    Operator { key, label, types, symbol }
}

impl Operator {
    fn named(key: &str) -> Option<Self> {
        OPERATORS.iter().find(|operator| operator.key == key).copied()
    }

    /// Whether it stands alone, without a value.
    fn is_complete(self) -> bool {
        matches!(self.key, "yes" | "no" | "empty" | "not_empty")
    }
}

/// A condition as the builder has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConditionRow {
    /// A field's key.
    pub field: String,
    /// An operator's key.
    pub operator: String,
    /// What was typed.
    pub value: String,
}

impl ConditionRow {
    /// Whether nothing was said in it.
    pub fn is_blank(&self) -> bool {
        let complete = Operator::named(&self.operator).is_some_and(Operator::is_complete);
        self.field.is_empty() || (self.value.trim().is_empty() && !complete)
    }

    /// The condition as an expression, or one sentence that says why not. `reference` is the id that the value of a
    /// relation or member stands for, if it is one.
    pub(super) fn source(&self, module: &Module, reference: Option<&str>) -> Result<String, String> {
        let field = system::field(module, &self.field).ok_or("Choose a field.")?;
        let operator = Operator::named(&self.operator).ok_or("Choose an operator.")?;
        if !operator.types.split(' ').any(|key| key == field.kind.type_key()) {
            return Err(format!("{} cannot be asked whether it “{}”.", field.label, operator.label));
        }
        let name = format!("record.{}", self.field);
        let source = match operator.is_complete() {
            true => format!("{name} {}", operator.symbol),
            false => format!("{name} {} {}", operator.symbol, literal(&field, self.value.trim(), reference)?),
        };
        let sentence = |problems: Vec<expr::Problem>| match problems.first() {
            Some(problem) => format!("{}.", problem.message),
            None => "This condition cannot be read.".to_owned(),
        };
        expr::condition(&source, module).map_err(sentence)?;
        expr::parse(&source).map(|expr| expr.to_string()).map_err(sentence)
    }
}

/// The value as the expression language writes it.
fn literal(field: &Field, text: &str, reference: Option<&str>) -> Result<String, String> {
    match &field.kind {
        FieldKind::Integer(_)
        | FieldKind::Decimal(_)
        | FieldKind::Money(_)
        | FieldKind::Percent(_)
        | FieldKind::LineItems(_) => {
            let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '%')).collect();
            let number: rust_decimal::Decimal = plain.parse().map_err(|_| "Enter a number.".to_owned())?;
            Ok(number.normalize().to_string())
        }
        FieldKind::Choice(_) | FieldKind::MultiChoice(_) => {
            let wanted = expr::fold(text);
            let named = |option: &&crate::field::ChoiceOption| {
                expr::fold(&option.label) == wanted || option.key == text
            };
            let option = field.options().iter().find(named);
            option.map(|option| quoted(&option.key)).ok_or_else(|| {
                let labels: Vec<_> = field.options().iter().map(|option| option.label.as_str()).collect();
                format!("Choose one of: {}.", labels.join(", "))
            })
        }
        FieldKind::Duration(_) | FieldKind::Rating(_) => stored(field, text).map(|value| value.to_string()),
        FieldKind::Time(_) | FieldKind::Color(_) | FieldKind::Tags(_) => {
            stored(field, text).map(|value| quoted(&first_text(&value)))
        }
        FieldKind::Relation(_) | FieldKind::Relations(_) | FieldKind::Member(_) | FieldKind::Members(_) => {
            reference.map(quoted).ok_or_else(|| format!("Nothing is called “{text}” here."))
        }
        _ => Ok(quoted(text)),
    }
}

/// What was typed in the form in which the field stores it.
fn stored(field: &Field, text: &str) -> Result<Value, String> {
    let parsed = field.kind.parse(&[text]);
    let stored = parsed.and_then(|value| field.kind.normalise(value, &Locale::default()));
    stored.map_err(|reject| reject.message)
}

/// A stored text, or the first of a list.
fn first_text(value: &Value) -> String {
    let first = value.as_array().map_or(Some(value), |items| items.first());
    first.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A text literal of the expression language.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() => literal.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A condition that the builder can show, read back from an expression.
pub(super) struct Simple<'m> {
    /// The field that is asked.
    pub(super) field: Cow<'m, Field>,
    /// What it is asked.
    pub(super) operator: Operator,
    /// With what it is compared, as text: an option's key, an id, a number, a date. "" where nothing is.
    pub(super) operand: String,
}

impl<'m> Simple<'m> {
    /// The simple condition that a source is; None for everything else.
    pub(super) fn read(module: &'m Module, source: &str) -> Option<Self> {
        let checked = expr::condition(source, module).ok()?;
        let (path, operator, operand) = taken_apart(checked.root())?;
        let field = system::field(module, path)?;
        let operator = OPERATORS.iter().find(|candidate| {
            candidate.symbol == operator && candidate.types.split(' ').any(|key| key == field.kind.type_key())
        });
        Some(Self { field, operator: *operator?, operand })
    }

    /// Whether the field is compared by an id, which a name must stand for.
    pub(super) fn is_reference(&self) -> bool {
        matches!(
            self.field.kind,
            FieldKind::Relation(_) | FieldKind::Relations(_) | FieldKind::Member(_) | FieldKind::Members(_)
        )
    }

    /// The operand as people read it and may type it again; `name` is what a reference is called.
    pub(super) fn value(&self, name: Option<&str>) -> String {
        match self.field.options().iter().find(|option| option.key == self.operand) {
            Some(option) => option.label.clone(),
            None if self.is_reference() => name.unwrap_or("a record you may not see").to_owned(),
            None if matches!(self.field.kind, FieldKind::Duration(_)) => {
                let seconds = self.operand.parse::<i64>().unwrap_or_default();
                self.field.kind.display(&Value::from(seconds), &Locale::default())
            }
            None => self.operand.clone(),
        }
    }

    /// The condition in words.
    pub(super) fn words(&self, name: Option<&str>) -> String {
        let label = &self.field.label;
        match self.operator.is_complete() {
            true => format!("{label} {}", self.operator.label),
            false => format!("{label} {} {}", self.operator.label, self.value(name)),
        }
    }
}

/// Field, operator and operand of a node, if it is so simple.
fn taken_apart(node: &Node) -> Option<(&str, &'static str, String)> {
    let negated = |symbol| match symbol {
        "==" => Some("!="),
        "is empty" => Some("is not empty"),
        "== true" => Some("== false"),
        _ => None,
    };
    match node {
        Node::Not(inner) => {
            let (path, symbol, operand) = taken_apart(inner)?;
            Some((path, negated(symbol)?, operand))
        }
        Node::Field { path, .. } => Some((path, "== true", String::new())),
        Node::IsEmpty(of) => Some((path(of)?, "is empty", String::new())),
        Node::Compare { left, op, right, .. } => match (op, &**right) {
            (Comparison::Equal, Node::Literal(expr::Value::Boolean(yes))) => {
                Some((path(left)?, if *yes { "== true" } else { "== false" }, String::new()))
            }
            _ => Some((path(left)?, symbol(*op), text(right)?)),
        },
        Node::Contains { text: of, part } => Some((path(of)?, "contains", text(part)?)),
        Node::ListContains { list, option } => Some((path(list)?, "contains", text(option)?)),
        Node::StartsWith { text: of, part } => Some((path(of)?, "starts_with", text(part)?)),
        _ => None,
    }
}

fn symbol(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "==",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn path(node: &Node) -> Option<&str> {
    match node {
        Node::Field { path, .. } if !path.contains('.') => Some(path),
        _ => None,
    }
}

fn text(node: &Node) -> Option<String> {
    match node {
        Node::Literal(expr::Value::Text(text)) => Some(text.clone()),
        Node::Literal(expr::Value::Number(number)) => Some(number.normalize().to_string()),
        Node::Literal(expr::Value::Date(date)) => Some(date.to_string()),
        // An instant's literal is kept as the text it was written with.
        Node::Call { function: expr::Function::DateTime, args, .. } => args.first().and_then(text),
        _ => None,
    }
}
