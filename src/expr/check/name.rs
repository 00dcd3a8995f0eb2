//! Names of fields, and what to say of those that nobody knows.

use super::Checker;
use crate::expr::function::function;
use crate::expr::node::Node;
use crate::expr::problem::{quoted, suggestion};
use crate::expr::syntax::Syntax;
use crate::expr::value::Type;

impl Checker<'_> {
    /// The field that a path leads to; `None` after a problem has been noted.
    pub(super) fn field(&mut self, at: &Syntax, names: &[String]) -> Option<(Node, Type)> {
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        let joined = path.join(".");
        if let Some(ty) = self.scope.field(&path) {
            self.fields.insert(joined.clone());
            return Some((Node::Field { path: joined, ty: ty.clone() }, ty));
        }
        let hint = match function(&joined).filter(|row| row.arguments.0 == 0) {
            Some(row) => format!(" (did you mean '{}'?)", row.usage),
            None => suggestion(&joined, self.scope.names().iter().map(String::as_str)),
        };
        self.problem(at, format!("unknown field {}{hint}", quoted(&joined)))
    }
}
