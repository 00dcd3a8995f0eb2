//! What conditions of a workspace's own making may speak of: the fields of a module and, through relations to one
//! record, those of the records that they lead to, at most two steps away.

use super::{Module, Schema};
use crate::expr::{self, Scope, Type};
use crate::field::Field;

/// Relations that a path may lead through.
const STEPS: usize = 2;

/// A module with everything that can be reached from it.
#[derive(Clone, Copy)]
pub struct Paths<'a> {
    schema: &'a Schema,
    module: &'a Module,
    /// A field of a module as it would be, in the place of the one with its key.
    instead: Option<(&'a str, &'a Field)>,
}

impl<'a> Paths<'a> {
    /// From a module of a schema.
    pub fn new(schema: &'a Schema, module: &'a Module) -> Self {
        Self { schema, module, instead: None }
    }

    /// The same if a field of a module were another one.
    pub(super) fn with(self, module: &'a str, field: &'a Field) -> Self {
        Self { instead: Some((module, field)), ..self }
    }

    fn replaced(&self, key: &str) -> Option<&'a Field> {
        let (module, field) = self.instead?;
        (module == self.module.key() && field.key == key).then_some(field)
    }

    /// What a relation leads to.
    fn step(&self, key: &str) -> Option<Self> {
        let field = self.replaced(key).or_else(|| Some(&self.module.field(key)?.field))?;
        let link = field.kind.link().filter(|link| !link.many && !link.is_mixed())?;
        let module = self.schema.module(link.targets.first()?)?;
        Some(Self { module, ..*self })
    }
}

impl Scope for Paths<'_> {
    fn field(&self, path: &[&str]) -> Option<Type> {
        match path {
            [] => None,
            [key] => match self.replaced(key) {
                Some(field) => Some(field.kind.expr_type()),
                None => Scope::field(self.module, path),
            },
            [key, rest @ ..] => self.step(key).filter(|_| path.len() <= STEPS + 1)?.field(rest),
        }
    }

    fn names(&self) -> Vec<String> {
        Scope::names(self.module)
    }
}

impl Schema {
    /// Whether a condition of a view of a module can be asked.
    pub(super) fn holds_view(&self, module: &Module, filter: &str) -> bool {
        expr::condition(filter, &Paths::new(self, module)).is_ok()
    }
}
