//! Numbers worked together, dates moved.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Evaluated, Evaluator};
use crate::expr::moment;
use crate::expr::node::{Node, Step};
use crate::expr::syntax::Sign;
use crate::expr::value::Value;

impl Evaluator<'_> {
    /// Works numbers together from left to right, beginning with the first.
    pub(super) fn chain<O: Copy>(
        &mut self,
        terms: &[(O, Node)],
        apply: fn(Decimal, O, Decimal) -> Option<Decimal>,
    ) -> Evaluated<Value> {
        let mut total = None;
        for (at, (operation, term)) in terms.iter().enumerate() {
            let Some(number) = self.number(term)? else { return Ok(Value::Null) };
            total = match total {
                None if at == 0 => Some(number),
                None => None,
                Some(total) => apply(total, *operation, number),
            };
        }
        Ok(total.map_or(Value::Null, Value::Number))
    }

    pub(super) fn shift(&mut self, base: &Node, steps: &[Step]) -> Evaluated<Value> {
        let mut value = self.value(base)?;
        for step in steps {
            let count = self.number(&step.count)?.and_then(|count| count.trunc().to_i64());
            let signed = if step.sign == Sign::Minus { count.and_then(i64::checked_neg) } else { count };
            let Some(count) = signed else { return Ok(Value::Null) };
            let zone = self.env.timezone;
            let moved = match value {
                Value::Date(day) => moment::shift_date(day, step.unit, count).map(Value::Date),
                Value::Instant(at) => moment::shift_instant(at, step.unit, count, zone).map(Value::Instant),
                _ => None,
            };
            value = moved.unwrap_or(Value::Null);
        }
        Ok(value)
    }
}
