//! Comparisons and their operators.

use super::{Parsed, Parser};
use crate::expr::syntax::{Kind, Operator};

impl Parser<'_> {
    pub(super) fn comparison(&mut self) -> Parsed {
        let start = self.start();
        let left = self.sum()?;
        if self.take("is") {
            let negated = self.take("not");
            self.expect("empty")?;
            return self.node(start, Kind::IsEmpty { of: Box::new(left), negated });
        }
        let Some(operator) = self.operator() else { return Ok(left) };
        let right = self.sum()?;
        self.node(start, Kind::Compare(Box::new(left), operator, Box::new(right)))
    }

    pub(super) fn operator(&mut self) -> Option<Operator> {
        let operator = match (self.peek(0), self.peek(1)) {
            ("==", _) => Operator::Equal,
            ("!=", _) => Operator::NotEqual,
            ("<", _) => Operator::Less,
            ("<=", _) => Operator::LessOrEqual,
            (">", _) => Operator::Greater,
            (">=", _) => Operator::GreaterOrEqual,
            ("in", _) => Operator::In,
            ("not", "in") => Operator::NotIn,
            ("contains", _) => Operator::Contains,
            ("starts_with", _) => Operator::StartsWith,
            ("ends_with", _) => Operator::EndsWith,
            _ => return None,
        };
        self.at += if operator == Operator::NotIn { 2 } else { 1 };
        Some(operator)
    }
}
