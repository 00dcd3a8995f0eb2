//! Checks calls of functions.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::agree::{Purpose, no_date};
use super::{Checker, Typed};
use crate::expr::function::{Definition, Function, Meaning, function, functions};
use crate::expr::moment;
use crate::expr::node::Node;
use crate::expr::number::DECIMALS;
use crate::expr::problem::{Problem, quoted, suggestion};
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::value::Type;

impl<'e> Checker<'e> {
    pub(super) fn call(&mut self, at: &'e Syntax, name: &str, arguments: &'e [Syntax]) -> Option<Typed<'e>> {
        let Some(row) = function(name) else {
            let hint = suggestion(name, functions().iter().map(|row| row.name));
            let message = format!("unknown function {}{hint}", quoted(name));
            self.problems.push(Problem::new(self.source, at.start, at.start + name.len(), message));
            self.values(arguments);
            return None;
        };
        self.check_count(at, row, arguments.len())?;
        let (node, ty) = match row.meaning {
            Meaning::Call(function) => self.arguments(function, arguments)?,
            Meaning::Duration(_) => {
                let message =
                    format!("{} is only added to or taken from a date or a date and time", row.usage);
                return self.problem(at, message);
            }
            Meaning::IsEmpty => (self.is_empty(arguments.first()?, false)?, Type::Boolean),
            Meaning::Contains => (self.contains(arguments.first()?, arguments.get(1)?)?, Type::Boolean),
            Meaning::StartsWith => (self.starts_with(arguments.first()?, arguments.get(1)?)?, Type::Boolean),
            Meaning::Changed | Meaning::HasRole => (self.fact(row, arguments.first()?)?, Type::Boolean),
            Meaning::EndsWith => (self.ends_with(arguments.first()?, arguments.get(1)?)?, Type::Boolean),
        };
        Some(Typed { node, ty, at })
    }

    /// `changed(field)` or `has_role("key")`: whether it is so is known to the scope, under a name that no field can
    /// have: `changed().field`, `has_role().key`.
    fn fact(&mut self, row: &Definition, about: &'e Syntax) -> Option<Node> {
        let subject = match (&about.kind, row.meaning) {
            (Kind::Path(names), Meaning::Changed) => names.join("."),
            (Kind::Text(role), Meaning::HasRole) => role.clone(),
            (_, Meaning::Changed) => return self.problem(about, "expected the name of a field"),
            _ => return self.problem(about, "expected the key of a role between quotes"),
        };
        let name = format!("{}()", row.name);
        if self.scope.field(&[&name, &subject]).is_some() {
            let path = format!("{name}.{subject}");
            self.fields.insert(path.clone());
            return Some(Node::Field { path, ty: Type::Boolean });
        }
        let what = if row.meaning == Meaning::Changed { "field" } else { "role" };
        let known = self.scope.names();
        let known: Vec<&str> =
            known.iter().filter_map(|known| known.strip_prefix(&name)?.strip_prefix('.')).collect();
        if known.is_empty() {
            let message = format!("{} can only be asked in the conditions of a write", row.usage);
            return self.problem(about, message);
        }
        let hint = suggestion(&subject, known);
        self.problem(about, format!("unknown {what} {}{hint}", quoted(&subject)))
    }

    pub(super) fn check_count(&mut self, at: &'e Syntax, row: &Definition, given: usize) -> Option<()> {
        let (least, most) = row.arguments;
        if (least..=most).contains(&given) {
            return Some(());
        }
        let plural = if given == 1 { "" } else { "s" };
        self.problem(at, format!("expected {}, found {given} argument{plural}", row.usage))
    }

    /// The call node and its type. The number of arguments is right.
    fn arguments(&mut self, function: Function, given: &'e [Syntax]) -> Option<(Node, Type)> {
        let (args, ty) = match function {
            Function::Now => (Vec::new(), Type::Instant),
            Function::Today => (Vec::new(), Type::Date),
            Function::Date => (vec![self.date(given.first()?)?], Type::Date),
            Function::DateTime => (vec![self.date_time(given.first()?)?], Type::Instant),
            Function::Concat => (self.pieces(given)?, Type::Text),
            Function::Lower | Function::Upper | Function::Trim => {
                (vec![self.expect(given.first()?, &Type::Text)?], Type::Text)
            }
            Function::Length => (vec![self.expect(given.first()?, &Type::Text)?], Type::Number),
            Function::Coalesce => {
                let parts = self.values(given)?;
                self.agree(parts, Purpose::Result)?
            }
            Function::If => self.branches(given)?,
            Function::Round => (self.rounding(given)?, Type::Number),
            Function::Abs => (vec![self.expect(given.first()?, &Type::Number)?], Type::Number),
            Function::Min | Function::Max => self.extremes(given)?,
        };
        Some((Node::Call { function, args, ty: ty.clone() }, ty))
    }

    fn date(&mut self, given: &'e Syntax) -> Option<Node> {
        if let Kind::Text(text) = &given.kind
            && moment::date(text).is_none()
        {
            return self.problem(given, no_date(text));
        }
        self.expect(given, &Type::Text)
    }

    fn date_time(&mut self, given: &'e Syntax) -> Option<Node> {
        if let Kind::Text(text) = &given.kind {
            self.check_instant(given, text)?;
        }
        let typed = self.value(given)?;
        match typed.ty {
            Type::Text | Type::Date => Some(typed.node),
            other => self.problem(given, format!("expected text or date, found {other}")),
        }
    }

    fn pieces(&mut self, given: &'e [Syntax]) -> Option<Vec<Node>> {
        let parts = self.values(given)?;
        let pieces: Vec<_> = parts
            .into_iter()
            .map(|part| match &part.ty {
                ty @ (Type::Reference
                | Type::ReferenceList
                | Type::ChoiceList(_)
                | Type::List
                | Type::Structure) => {
                    self.problem(part.at, format!("a {ty} has no text; name a field of it"))
                }
                _ => Some(part.node),
            })
            .collect();
        pieces.into_iter().collect()
    }

    fn branches(&mut self, given: &'e [Syntax]) -> Option<(Vec<Node>, Type)> {
        let (first, rest) = given.split_first()?;
        let condition = self.condition(first);
        let parts = self.values(rest);
        let (nodes, ty) = self.agree(parts?, Purpose::Result)?;
        let mut args = vec![condition?];
        args.extend(nodes);
        Some((args, ty))
    }

    fn rounding(&mut self, given: &'e [Syntax]) -> Option<Vec<Node>> {
        let mut args = vec![self.expect(given.first()?, &Type::Number)?];
        if let Some(decimals) = given.get(1) {
            // A literal, so that every engine knows the scale before it computes.
            match &decimals.kind {
                Kind::Number(number) if whole(number).is_some_and(|count| count <= DECIMALS) => {
                    args.push(self.expect(decimals, &Type::Number)?);
                }
                _ => return self.problem(decimals, format!("expected a whole number from 0 to {DECIMALS}")),
            }
        }
        Some(args)
    }

    fn extremes(&mut self, given: &'e [Syntax]) -> Option<(Vec<Node>, Type)> {
        let parts = self.values(given)?;
        let first = parts.first()?.at;
        let (args, ty) = self.agree(parts, Purpose::Result)?;
        match ty {
            Type::Number | Type::Date | Type::Instant => Some((args, ty)),
            other => self.problem(first, format!("expected number, date or date and time, found {other}")),
        }
    }
}

fn whole(number: &Decimal) -> Option<u32> {
    number.is_integer().then(|| number.to_u32()).flatten()
}
