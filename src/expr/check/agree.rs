//! Brings parts that stand side by side to one type.

use uuid::Uuid;

use super::{Checker, Typed};
use crate::expr::function::Function;
use crate::expr::moment;
use crate::expr::node::Node;
use crate::expr::problem::{quoted, suggestion};
use crate::expr::syntax::Syntax;
use crate::expr::value::{Type, Value};

/// What the parts are brought together for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Purpose {
    /// They are compared: a text next to a choice must be one of its options.
    Comparison,
    /// One of them becomes the result: a text next to a choice makes a text of both.
    Result,
}

impl<'e> Checker<'e> {
    /// The nodes of all `parts` and the type that they have in common. Empty literals fit any type; literal
    /// texts take the type of the others.
    pub(super) fn agree(&mut self, parts: Vec<Typed<'e>>, purpose: Purpose) -> Option<(Vec<Node>, Type)> {
        let ty = self.shared_type(&parts, purpose)?;
        let nodes: Vec<_> = parts.into_iter().map(|part| self.convert(part, &ty)).collect();
        Some((nodes.into_iter().collect::<Option<_>>()?, ty))
    }

    fn shared_type(&mut self, parts: &[Typed<'e>], purpose: Purpose) -> Option<Type> {
        let mut shared: Option<Type> = None;
        for part in parts.iter().filter(|part| !part.is_null() && part.literal_text().is_none()) {
            shared = match shared {
                None => Some(part.ty.clone()),
                Some(ty) => Some(self.shared_by(part.at, &ty, &part.ty, purpose)?),
            };
        }
        let texts: Vec<_> = parts.iter().filter(|part| part.literal_text().is_some()).collect();
        let Some(shared) = shared else {
            let text = !texts.is_empty() || parts.iter().any(|part| part.ty == Type::Text);
            return Some(if text { Type::Text } else { Type::Null });
        };
        match (&shared, texts.first()) {
            (_, None) | (Type::Text | Type::Reference | Type::Date | Type::Instant, _) => Some(shared),
            (Type::Choice(_), _) if purpose == Purpose::Comparison => Some(shared),
            (Type::Choice(_), _) => Some(Type::Text),
            (_, Some(text)) => self.disagree(text.at, &shared, &Type::Text, purpose),
        }
    }

    fn shared_by(&mut self, at: &Syntax, left: &Type, right: &Type, purpose: Purpose) -> Option<Type> {
        match (left, right) {
            _ if left == right => Some(left.clone()),
            (Type::Date, Type::Instant) | (Type::Instant, Type::Date) => Some(Type::Instant),
            (Type::Choice(a), Type::Choice(b)) => Some(Type::Choice(union(a, b))),
            (Type::ChoiceList(a), Type::ChoiceList(b)) => Some(Type::ChoiceList(union(a, b))),
            (Type::Choice(_), Type::Text) | (Type::Text, Type::Choice(_)) if purpose == Purpose::Result => {
                Some(Type::Text)
            }
            _ => self.disagree(at, left, right, purpose),
        }
    }

    fn disagree<T>(&mut self, at: &Syntax, left: &Type, right: &Type, purpose: Purpose) -> Option<T> {
        self.problem(
            at,
            match purpose {
                Purpose::Comparison => format!("{left} cannot be compared with {right}"),
                Purpose::Result => format!("all values must be of one type, but {left} stands with {right}"),
            },
        )
    }

    /// The node of `part` as a value of type `ty`, which [`Self::shared_type`] has found to fit.
    pub(super) fn convert(&mut self, part: Typed<'e>, ty: &Type) -> Option<Node> {
        if let (Type::Date, Type::Instant) = (&part.ty, ty) {
            return Some(instant_of(part.node));
        }
        match part.literal_text() {
            Some(text) => self.literal(part.at, text, ty),
            None => Some(part.node),
        }
    }

    fn literal(&mut self, at: &Syntax, text: &str, ty: &Type) -> Option<Node> {
        let value = match ty {
            Type::Choice(options) if !options.iter().any(|option| option == text) => {
                let hint = suggestion(text, options.iter().map(String::as_str));
                return self.problem(at, format!("unknown option {}{hint}", quoted(text)));
            }
            Type::Reference => match Uuid::try_parse(text) {
                Ok(id) => Value::Text(id.to_string()),
                Err(_) => {
                    let message =
                        format!("{} is not an id; a reference is compared with a UUID", quoted(text));
                    return self.problem(at, message);
                }
            },
            Type::Date => match moment::date(text) {
                Some(day) => Value::Date(day),
                None => return self.problem(at, no_date(text)),
            },
            Type::Instant => {
                self.check_instant(at, text)?;
                return Some(instant_of(Node::Literal(Value::Text(text.to_owned()))));
            }
            _ => Value::Text(text.to_owned()),
        };
        Some(Node::Literal(value))
    }

    /// Notes a problem where a literal text is no instant.
    pub(super) fn check_instant(&mut self, at: &Syntax, text: &str) -> Option<()> {
        match moment::instant(text, chrono_tz::UTC) {
            Some(_) => Some(()),
            None => self.problem(
                at,
                format!("{} is not a date and time such as 2026-01-31T09:30 or 2026-01-31", quoted(text)),
            ),
        }
    }
}

/// What is wrong with a literal text that is no date.
pub(super) fn no_date(text: &str) -> String {
    format!("{} is not a date such as 2026-01-31", quoted(text))
}

fn instant_of(node: Node) -> Node {
    Node::Call { function: Function::DateTime, args: vec![node], ty: Type::Instant }
}

fn union(left: &[String], right: &[String]) -> Vec<String> {
    let more = right.iter().filter(|option| !left.contains(option));
    left.iter().chain(more).cloned().collect()
}
