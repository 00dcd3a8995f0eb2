//! Checks sums, products, and dates that are moved.

use super::{Checker, Typed};
use crate::expr::function::{Definition, Meaning, Unit, function};
use crate::expr::node::{Node, Step};
use crate::expr::syntax::{Factor, Kind, Sign, Syntax};
use crate::expr::value::{Type, Value};

impl<'e> Checker<'e> {
    pub(super) fn sum(
        &mut self,
        at: &'e Syntax,
        first: &'e Syntax,
        rest: &'e [(Sign, Syntax)],
    ) -> Option<Typed<'e>> {
        let base = self.value(first);
        let Some(base) = base else {
            // What the rest should be depends on the first; still show what is wrong inside it.
            for (_, term) in rest.iter().filter(|(_, term)| duration(term).is_none()) {
                self.value(term);
            }
            return None;
        };
        match base.ty {
            Type::Number => {
                let node = self.numbers(base.node, rest)?;
                Some(Typed { node, ty: Type::Number, at })
            }
            Type::Date | Type::Instant => self.shift(at, base, rest),
            Type::Text => self.problem(at, "texts are not added; use concat(…), or date(…) for a date"),
            other => self.problem(first, format!("expected number, date or date and time, found {other}")),
        }
    }

    fn numbers(&mut self, first: Node, rest: &'e [(Sign, Syntax)]) -> Option<Node> {
        let rest: Vec<_> =
            rest.iter().map(|(sign, term)| (*sign, self.expect(term, &Type::Number))).collect();
        let mut terms = vec![(Sign::Plus, first)];
        for (sign, term) in rest {
            terms.push((sign, term?));
        }
        Some(Node::Sum(terms))
    }

    fn shift(&mut self, at: &'e Syntax, base: Typed<'e>, rest: &'e [(Sign, Syntax)]) -> Option<Typed<'e>> {
        let steps: Vec<_> = rest.iter().map(|(sign, term)| self.step(&base.ty, *sign, term)).collect();
        let steps = steps.into_iter().collect::<Option<_>>()?;
        let node = Node::Shift { base: Box::new(base.node), steps, ty: base.ty.clone() };
        Some(Typed { node, ty: base.ty, at })
    }

    fn step(&mut self, base: &Type, sign: Sign, term: &'e Syntax) -> Option<Step> {
        let Some((unit, row, arguments)) = duration(term) else {
            let found = self.value(term)?.ty;
            let message =
                format!("to or from a {base} only days(n) and the like are added or taken, not {found}");
            return self.problem(term, message);
        };
        if unit == Unit::Hours && *base == Type::Date {
            return self.problem(term, "a date has no hours; use days(n), or date_time(…) for the date");
        }
        self.check_count(term, row, arguments.len())?;
        Some(Step { sign, unit, count: self.expect(arguments.first()?, &Type::Number)? })
    }

    pub(super) fn product(&mut self, first: &'e Syntax, rest: &'e [(Factor, Syntax)]) -> Option<Node> {
        let first = self.expect(first, &Type::Number);
        let rest: Vec<_> =
            rest.iter().map(|(factor, term)| (*factor, self.expect(term, &Type::Number))).collect();
        let mut factors = vec![(Factor::Times, first?)];
        for (factor, term) in rest {
            factors.push((factor, term?));
        }
        Some(Node::Product(factors))
    }

    pub(super) fn negate(&mut self, of: &'e Syntax) -> Option<Node> {
        Some(match self.expect(of, &Type::Number)? {
            Node::Literal(Value::Number(number)) => Node::Literal(Value::Number(-number)),
            node => Node::Negate(Box::new(node)),
        })
    }
}

/// The unit, the function and the arguments of `days(n)` and the like.
fn duration(term: &Syntax) -> Option<(Unit, &'static Definition, &[Syntax])> {
    let Kind::Call(name, arguments) = &term.kind else { return None };
    let row = function(name)?;
    match row.meaning {
        Meaning::Duration(unit) => Some((unit, row, arguments)),
        _ => None,
    }
}
