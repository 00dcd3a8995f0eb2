//! Computes the value of a checked expression: total, without effects, within a budget.

mod arithmetic;
mod call;
mod condition;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::node::{Checked, Node};
use super::number;
use super::value::Value;
use crate::limits::TEXT_BYTES;

/// Steps of one evaluation: one for a node, and one for each KiB of text that is worked on.
const FUEL: usize = 10_000;

/// What an expression is evaluated in.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The value of the field at a path, such as `status` or `doctor.department`, of the type that the scope
    /// told.
    pub fields: &'a (dyn Fn(&str) -> Value + Sync),
    /// The present instant.
    pub now: DateTime<Utc>,
    /// The tenant's zone: where days begin, and what `today()` is.
    pub timezone: Tz,
    /// The acting user's id as lower-case UUID text; `None` where nobody acts.
    pub user: Option<&'a str>,
}

/// The evaluation was given up: it took more steps than one may, or made a text longer than one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("evaluate the expression: it takes more than {FUEL} steps or makes a text over {TEXT_BYTES} bytes")]
pub struct OutOfFuel;

/// The value of a checked expression. Empty texts come out as null.
///
/// # Errors
/// [`OutOfFuel`]; nothing else can fail.
pub fn evaluate(checked: &Checked, env: &Env<'_>) -> Result<Value, OutOfFuel> {
    Evaluator { env, fuel: FUEL }.value(&checked.root)
}

/// The value of a node that reads no field; `None` for one that does, or that is out of fuel.
pub fn constant(node: &Node, env: &Env<'_>) -> Option<Value> {
    if !node.is_constant() {
        return None;
    }
    Evaluator { env, fuel: FUEL }.value(node).ok()
}

struct Evaluator<'a> {
    env: &'a Env<'a>,
    fuel: usize,
}

type Evaluated<T> = Result<T, OutOfFuel>;

impl Evaluator<'_> {
    fn burn(&mut self, steps: usize) -> Evaluated<()> {
        self.fuel = self.fuel.checked_sub(steps).ok_or(OutOfFuel)?;
        Ok(())
    }

    fn value(&mut self, node: &Node) -> Evaluated<Value> {
        self.burn(1)?;
        let truth = |holds| Ok(Value::Boolean(holds));
        match node {
            Node::Literal(value) => Ok(settled(value.clone())),
            Node::Field { path, .. } => Ok(settled((self.env.fields)(path))),
            Node::User => Ok(self.env.user.map_or(Value::Null, |id| Value::Text(id.to_owned()))),
            Node::All(nodes) => truth(self.all(nodes)?),
            Node::Any(nodes) => truth(self.any(nodes)?),
            Node::Not(of) => truth(!self.truth(of)?),
            Node::Compare { left, op, right, ty } => truth(self.compare(left, *op, right, ty)?),
            Node::In { needle, values, ty } => truth(self.is_in(needle, values, ty)?),
            Node::Contains { text, part } => truth(self.texts(text, part, |text, part| text.contains(part))?),
            Node::StartsWith { text, part } => {
                truth(self.texts(text, part, |text, part| text.starts_with(part))?)
            }
            Node::EndsWith { text, part } => {
                truth(self.texts(text, part, |text, part| text.ends_with(part))?)
            }
            Node::ListContains { list, option } => truth(self.list_contains(list, option)?),
            Node::IsEmpty(of) => truth(self.value(of)?.is_empty()),
            Node::Sum(terms) => self.chain(terms, number::add),
            Node::Product(factors) => self.chain(factors, number::multiply),
            Node::Negate(of) => Ok(self.number(of)?.map_or(Value::Null, |number| Value::Number(-number))),
            Node::Shift { base, steps, .. } => self.shift(base, steps),
            Node::Call { function, args, .. } => self.call(*function, args),
        }
    }

    // Operands ---------------------------------------------------------------------------------------------

    fn truth(&mut self, node: &Node) -> Evaluated<bool> {
        Ok(self.value(node)? == Value::Boolean(true))
    }

    fn number(&mut self, node: &Node) -> Evaluated<Option<Decimal>> {
        Ok(match self.value(node)? {
            Value::Number(number) => Some(number),
            _ => None,
        })
    }

    fn text(&mut self, node: &Node) -> Evaluated<Option<String>> {
        let Value::Text(text) = self.value(node)? else { return Ok(None) };
        self.burn(text.len() / 1024)?;
        Ok(Some(text))
    }

    /// A text that was made here.
    fn made(&self, text: String) -> Evaluated<Value> {
        if text.len() > TEXT_BYTES { Err(OutOfFuel) } else { Ok(settled(Value::Text(text))) }
    }
}

/// The value with empty text as null, so that no operation needs to ask for it.
fn settled(value: Value) -> Value {
    if value.is_empty() { Value::Null } else { value }
}
