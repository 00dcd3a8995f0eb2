//! What conditions and sorts of a module may speak of: its fields and, through relations to one record, those of the
//! records that they lead to, at most two steps away.

use crate::access::Read;
use crate::expr::{Scope, Type};
use crate::record::query::Operand;
use crate::schema::Module;
use crate::work::Work;

/// Relations that a path may lead through.
const STEPS: usize = 2;

/// A module with everything that can be reached from it.
#[derive(Clone, Copy)]
pub(super) struct Reachable<'a> {
    work: &'a Work,
    module: &'a Module,
    /// Whether modules that the actor may not read count as not there. Where they do not, as in a view that the
    /// workspace declares, their records are still out of reach: the relation is as if it were empty.
    judged: bool,
}

/// A field at the end of a path.
pub(super) struct Resolved {
    /// Keys of the relations on the way.
    pub(super) via: Vec<String>,
    /// The field.
    pub(super) operand: Operand,
}

impl<'a> Reachable<'a> {
    /// As the actor may ask.
    pub(super) fn by_actor(work: &'a Work, module: &'a Module) -> Self {
        Self { work, module, judged: true }
    }

    /// As the workspace itself may say.
    pub(super) fn declared(work: &'a Work, module: &'a Module) -> Self {
        Self { work, module, judged: false }
    }

    /// What a relation leads to.
    fn step(&self, key: &str) -> Option<Self> {
        let target = self.module.field(key)?.target()?;
        let module = self.work.schema.module(target)?;
        let known = !self.judged || self.work.actor.permit::<Read>(target).is_ok();
        known.then_some(Self { module, ..*self })
    }

    /// The field that a path such as `doctor.department.name` leads to.
    pub(super) fn resolve(&self, path: &str) -> Option<Resolved> {
        let mut via: Vec<String> = path.split('.').map(str::to_owned).collect();
        let key = via.pop().filter(|_| via.len() <= STEPS)?;
        let end = via.iter().try_fold(*self, |place, key| place.step(key))?;
        Some(Resolved { operand: Operand::named(end.module, &key)?, via })
    }
}

impl Scope for Reachable<'_> {
    fn field(&self, path: &[&str]) -> Option<Type> {
        match path {
            [] => None,
            [_] => Scope::field(self.module, path),
            [key, rest @ ..] => self.step(key).filter(|_| path.len() <= STEPS + 1)?.field(rest),
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.module.names();
        for key in self.module.fields.iter().map(|stored| &stored.field.key) {
            let Some(end) = self.step(key) else { continue };
            names.extend(end.module.names().into_iter().map(|name| format!("{key}.{name}")));
        }
        names
    }
}
