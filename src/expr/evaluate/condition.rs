//! What is true or false: all, any, comparisons, membership, parts of texts.

use std::cmp::Ordering;

use super::{Evaluated, Evaluator};
use crate::expr::fold::fold;
use crate::expr::node::{Comparison, Node};
use crate::expr::value::{Type, Value};

impl Evaluator<'_> {
    pub(super) fn all(&mut self, nodes: &[Node]) -> Evaluated<bool> {
        for node in nodes {
            if !self.truth(node)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn any(&mut self, nodes: &[Node]) -> Evaluated<bool> {
        for node in nodes {
            if self.truth(node)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A value as it is compared: texts folded.
    pub(super) fn comparable(&mut self, node: &Node, ty: &Type) -> Evaluated<Value> {
        if *ty != Type::Text {
            return self.value(node);
        }
        Ok(self.text(node)?.map_or(Value::Null, |text| Value::Text(fold(&text))))
    }

    pub(super) fn compare(
        &mut self,
        left: &Node,
        op: Comparison,
        right: &Node,
        ty: &Type,
    ) -> Evaluated<bool> {
        let (left, right) = (self.comparable(left, ty)?, self.comparable(right, ty)?);
        let Some(order) = order(&left, &right) else { return Ok(false) };
        Ok(match op {
            Comparison::Equal => order.is_eq(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        })
    }

    pub(super) fn is_in(&mut self, needle: &Node, values: &[Node], ty: &Type) -> Evaluated<bool> {
        let needle = self.comparable(needle, ty)?;
        for value in values {
            if order(&needle, &self.comparable(value, ty)?).is_some_and(Ordering::is_eq) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn texts(
        &mut self,
        text: &Node,
        part: &Node,
        test: fn(&str, &str) -> bool,
    ) -> Evaluated<bool> {
        let (text, part) = (self.text(text)?, self.text(part)?);
        Ok(text.zip(part).is_some_and(|(text, part)| test(&fold(&text), &fold(&part))))
    }

    pub(super) fn list_contains(&mut self, list: &Node, option: &Node) -> Evaluated<bool> {
        let (list, option) = (self.value(list)?, self.value(option)?);
        let (Value::List(list), Value::Text(option)) = (list, option) else { return Ok(false) };
        Ok(list.contains(&option))
    }
}

/// How two values of one type stand to each other; nothing when one is null.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Instant(left), Value::Instant(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
