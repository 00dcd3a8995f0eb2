//! A scope without fields, for expressions that do not depend on a record: defaults, values of samples.

use super::{Scope, Type};

/// No field at all.
#[derive(Clone, Copy, Debug)]
pub struct NoFields;

impl Scope for NoFields {
    fn field(&self, _: &[&str]) -> Option<Type> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}
