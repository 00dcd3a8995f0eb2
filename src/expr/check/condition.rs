//! Parts that must be true or false.

use super::Checker;
use crate::expr::node::Node;
use crate::expr::syntax::Syntax;
use crate::expr::value::Type;

// Everything here answers `None` after it has noted a problem.
impl<'e> Checker<'e> {
    pub(super) fn is_empty(&mut self, of: &'e Syntax, negated: bool) -> Option<Node> {
        let test = Node::IsEmpty(Box::new(self.value(of)?.node));
        Some(if negated { Node::Not(Box::new(test)) } else { test })
    }

    pub(super) fn conditions(&mut self, parts: &'e [Syntax]) -> Option<Vec<Node>> {
        let checked: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        checked.into_iter().collect()
    }

    /// A part that must be true or false.
    pub(super) fn condition(&mut self, at: &'e Syntax) -> Option<Node> {
        let typed = self.value(at)?;
        if typed.ty == Type::Boolean {
            return Some(typed.node);
        }
        self.problem(at, format!("expected a condition, found {}", typed.ty))
    }
}
