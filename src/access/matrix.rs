//! Roles as they hold in a tenant's schema: with what they extend, their conditions compiled, and what they see.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::role::{RoleDefinition, Scope, Verb};
use crate::expr::{self, Checked};
use crate::schema::{Module, Schema, SystemField};

/// A role in force.
#[derive(Clone, Debug)]
pub struct Role {
    /// As declared, with everything that it extends.
    pub definition: RoleDefinition,
    /// The schema as the role sees it.
    pub schema: Arc<Schema>,
    conditions: HashMap<String, Arc<Checked>>,
}

impl Role {
    /// Compiles a role. A condition that no longer checks (a field has gone) lets no record through.
    pub(super) fn compile(
        definition: &RoleDefinition,
        all: &BTreeMap<String, RoleDefinition>,
        schema: &Arc<Schema>,
    ) -> Self {
        let definition = definition.resolved(all);
        let condition = |module: &Arc<Module>| {
            let source = definition.grants(module.key())?.condition.as_deref()?;
            Some((module.key().to_owned(), Arc::new(compiled(source, module)?)))
        };
        let conditions = schema.modules().filter_map(condition).collect();
        let schema = schema.seen_with(&definition.fields);
        Self { definition, schema, conditions }
    }

    /// What records of a module must meet, if anything.
    pub fn condition(&self, module: &str) -> Option<&Arc<Checked>> {
        self.conditions.get(module)
    }

    /// Whether it grants anything on the records of a team.
    pub fn speaks_of_teams(&self) -> bool {
        self.definition
            .modules
            .values()
            .any(|grants| grants.verbs.values().any(|scope| *scope == Scope::Team))
    }

    /// On which records of a module it grants a verb.
    pub fn scope(&self, module: &str, verb: Verb) -> Scope {
        self.definition.scope(module, verb)
    }
}

/// What a role's condition may speak of: what a record is before it is stored, so that a write can be judged too.
pub struct ConditionScope<'a>(pub &'a Module);

impl expr::Scope for ConditionScope<'_> {
    fn field(&self, path: &[&str]) -> Option<expr::Type> {
        let [key] = path else { return None };
        let known = match SystemField::named(key) {
            Some(SystemField::Owner | SystemField::Stage) | None => true,
            Some(_) => self.0.field(key).is_some(),
        };
        known.then(|| expr::Scope::field(self.0, path)).flatten()
    }

    fn names(&self) -> Vec<String> {
        let names = expr::Scope::names(self.0).into_iter();
        names.filter(|name| self.field(&[name]).is_some()).collect()
    }
}

fn compiled(source: &str, module: &Module) -> Option<Checked> {
    expr::condition(source, &ConditionScope(module))
        .or_else(|problems| {
            let problem = problems.first().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                module = module.key(),
                problem,
                "a role's condition does not check: it lets nothing through"
            );
            expr::condition("false", &expr::NoFields)
        })
        .ok()
}
