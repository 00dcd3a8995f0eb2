//! The checker: every name known, every operand of a type that its operator takes, all problems at once.

mod agree;
mod arithmetic;
mod call;
mod compare;
mod condition;
mod name;

use std::collections::BTreeSet;

use super::node::{Checked, Node};
use super::problem::Problem;
use super::syntax::{Expr, Kind, Syntax};
use super::value::{Type, Value};

/// What an expression may speak of.
pub trait Scope {
    /// The type of the field that `path` leads to: `["status"]`, or `["doctor", "department"]` over a
    /// relation. At most two relations and a field are asked for.
    fn field(&self, path: &[&str]) -> Option<Type>;

    /// Names to suggest where one is misspelt: fields, and paths (joined by points) worth offering.
    fn names(&self) -> Vec<String>;
}

/// Checks an expression against what it may speak of.
///
/// # Errors
/// All problems, in the order of their positions.
pub fn check(expr: &Expr, scope: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker::new(expr, scope);
    let typed = checker.value(&expr.root);
    checker.finish(typed)
}

/// Checks an expression that must be a condition.
pub(super) fn check_condition(expr: &Expr, scope: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker::new(expr, scope);
    let node = checker.condition(&expr.root);
    checker.finish(node.map(|node| Typed { node, ty: Type::Boolean, at: &expr.root }))
}

/// Checks an expression that must be a text.
pub(super) fn check_text(expr: &Expr, scope: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker::new(expr, scope);
    let node = checker.expect(&expr.root, &Type::Text);
    checker.finish(node.map(|node| Typed { node, ty: Type::Text, at: &expr.root }))
}

struct Checker<'e> {
    source: &'e str,
    scope: &'e dyn Scope,
    fields: BTreeSet<String>,
    problems: Vec<Problem>,
}

/// A checked part of the expression and where it stands.
struct Typed<'e> {
    node: Node,
    ty: Type,
    at: &'e Syntax,
}

impl Typed<'_> {
    /// The text, when it is a literal one: such a text takes the type of what it stands next to.
    fn literal_text(&self) -> Option<&str> {
        match &self.at.kind {
            Kind::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null` or `""`.
    fn is_null(&self) -> bool {
        self.node == Node::Literal(Value::Null)
    }
}

// Everything here answers `None` after it has noted a problem.
impl<'e> Checker<'e> {
    fn new(expr: &'e Expr, scope: &'e dyn Scope) -> Self {
        Self { source: &expr.source, scope, fields: BTreeSet::new(), problems: Vec::new() }
    }

    fn finish(mut self, typed: Option<Typed<'_>>) -> Result<Checked, Vec<Problem>> {
        self.problems.sort_by_key(|problem| (problem.start, problem.end));
        match typed {
            Some(Typed { node, ty, .. }) if self.problems.is_empty() => {
                Ok(Checked { root: node, ty, fields: self.fields })
            }
            _ => Err(self.problems),
        }
    }

    fn problem<T>(&mut self, at: &Syntax, message: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(self.source, at.start, at.end, message));
        None
    }

    /// A part of any type.
    fn value(&mut self, at: &'e Syntax) -> Option<Typed<'e>> {
        let typed = |node, ty| Some(Typed { node, ty, at });
        match &at.kind {
            Kind::Null => typed(Node::Literal(Value::Null), Type::Null),
            Kind::Boolean(value) => typed(Node::Literal(Value::Boolean(*value)), Type::Boolean),
            Kind::Number(value) => typed(Node::Literal(Value::Number(*value)), Type::Number),
            Kind::Text(text) if text.is_empty() => typed(Node::Literal(Value::Null), Type::Text),
            Kind::Text(text) => typed(Node::Literal(Value::Text(text.clone())), Type::Text),
            Kind::List(_) => self.problem(at, "a list can only stand to the right of 'in'"),
            Kind::Path(names) => {
                let (node, ty) = self.field(at, names)?;
                typed(node, ty)
            }
            Kind::User => typed(Node::User, Type::Reference),
            Kind::Or(parts) => typed(Node::Any(self.conditions(parts)?), Type::Boolean),
            Kind::And(parts) => typed(Node::All(self.conditions(parts)?), Type::Boolean),
            Kind::Not(of) => typed(Node::Not(Box::new(self.condition(of)?)), Type::Boolean),
            Kind::Compare(left, operator, right) => {
                typed(self.compare(at, left, *operator, right)?, Type::Boolean)
            }
            Kind::IsEmpty { of, negated } => typed(self.is_empty(of, *negated)?, Type::Boolean),
            Kind::Sum(first, rest) => self.sum(at, first, rest),
            Kind::Product(first, rest) => typed(self.product(first, rest)?, Type::Number),
            Kind::Negate(of) => typed(self.negate(of)?, Type::Number),
            Kind::Call(name, arguments) => self.call(at, name, arguments),
        }
    }

    /// Every one of `parts`, so that all their problems are found.
    fn values(&mut self, parts: &'e [Syntax]) -> Option<Vec<Typed<'e>>> {
        let checked: Vec<_> = parts.iter().map(|part| self.value(part)).collect();
        checked.into_iter().collect()
    }

    /// A part that must be of type `wanted`: text or number.
    fn expect(&mut self, at: &'e Syntax, wanted: &Type) -> Option<Node> {
        let typed = self.value(at)?;
        if typed.ty == *wanted {
            return Some(typed.node);
        }
        let hint = match (wanted, &typed.ty) {
            (Type::Text, other) if !other.has_text() => "",
            (Type::Text, _) => "; concat(…) makes a text of it",
            _ => "",
        };
        self.problem(at, format!("expected {wanted}, found {}{hint}", typed.ty))
    }
}
