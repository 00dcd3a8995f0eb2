//! What a role is told of the rules of a schema: none of whose inputs it does not see, be they fields of the module or
//! of another one. The rules hold for it all the same.

use std::sync::Arc;

use super::rules::{CompiledFormula, FieldConditions, Plans, Rules};
use super::{Module, Schema};
use crate::expr::Checked;
use crate::field::rules::FieldRules;
use crate::schema::definition::Validation;

/// `seen` with definitions, conditions and formulas only where everything that they read is seen.
pub(super) fn without_hidden_rules(seen: Schema) -> Schema {
    let quiet = |module: &Arc<Module>| {
        let teller = Teller { seen: &seen, module, whole: module.whole() };
        (module.key().to_owned(), teller.told())
    };
    let modules = seen.modules.values().map(quiet).collect();
    Schema { modules, ..seen }
}

struct Teller<'a> {
    seen: &'a Schema,
    module: &'a Arc<Module>,
    whole: &'a Module,
}

impl Teller<'_> {
    /// The module; itself where nothing is to be left out.
    fn told(&self) -> Arc<Module> {
        let rules: Vec<FieldRules> = self
            .module
            .fields
            .iter()
            .map(|stored| self.rules(&stored.field.rules, &stored.field.key))
            .collect();
        let validation: Vec<Validation> =
            self.whole.definition.validation.iter().filter(|rule| self.tells_of(rule)).cloned().collect();
        let same = self.module.fields.iter().zip(&rules).all(|(stored, rules)| stored.field.rules == *rules);
        if same && validation == self.module.definition.validation {
            return self.module.clone();
        }
        let mut told = Module::clone(self.module);
        for (stored, rules) in told.fields.iter_mut().zip(rules) {
            stored.field.read_only |= stored.field.rules.is_derived();
            stored.field.rules = rules;
        }
        told.definition.validation = validation;
        told.rules = Arc::new(self.compiled());
        told.see_part_of(self.module);
        Arc::new(told)
    }

    fn rules(&self, declared: &FieldRules, key: &str) -> FieldRules {
        let whole = &self.whole.rules;
        let conditions = whole.conditions.iter().find(|conditions| conditions.field == key);
        let told = |condition: Option<&Option<Checked>>| {
            condition.and_then(Option::as_ref).is_none_or(|condition| self.sees(self.module, condition))
        };
        let mut rules = declared.clone();
        rules.visible_when = rules.visible_when.filter(|_| told(conditions.map(|all| &all.visible)));
        rules.required_when = rules.required_when.filter(|_| told(conditions.map(|all| &all.required)));
        rules.read_only_when = rules.read_only_when.filter(|_| told(conditions.map(|all| &all.read_only)));
        let formula = whole.formulas.iter().find(|formula| formula.field == key);
        rules.formula =
            rules.formula.filter(|_| formula.is_none_or(|formula| self.sees(self.module, &formula.checked)));
        rules.lookup = rules.lookup.filter(|_| self.sees_lookup(&self.seen.plans, key));
        rules.rollup = rules.rollup.filter(|_| self.sees_rollup(&self.seen.plans, key));
        rules
    }

    /// Whether a role that sees `module` so sees everything that an expression over it reads.
    fn sees(&self, module: &Module, checked: &Checked) -> bool {
        checked.fields().iter().all(|path| {
            let path = ["old.", "changed()."].iter().find_map(|fact| path.strip_prefix(fact)).unwrap_or(path);
            let key = path.split('.').next().unwrap_or_default();
            module.whole().field(key).is_none() || module.is_askable(key)
        })
    }

    fn sees_lookup(&self, plans: &Plans, key: &str) -> bool {
        plans.lookups_of(self.module.number).filter(|plan| plan.field == key).all(|plan| {
            let target = self.seen.by_number(plan.target);
            self.module.is_askable(&plan.relation)
                && target.is_some_and(|target| target.is_askable(&plan.source))
        })
    }

    fn sees_rollup(&self, plans: &Plans, key: &str) -> bool {
        plans.rollups_of(self.module.number).filter(|plan| plan.field == key).all(|plan| {
            let Some(child) = self.seen.by_number(plan.child) else { return false };
            let value = plan.value.as_ref().is_none_or(|value| child.is_askable(value));
            let condition = plan.condition.as_ref().is_none_or(|condition| self.sees(child, condition));
            child.is_askable(&plan.relation) && value && condition
        })
    }

    fn tells_of(&self, rule: &Validation) -> bool {
        let compiled = self.whole.rules.validation.iter().find(|compiled| compiled.key == rule.key);
        compiled.is_none_or(|compiled| {
            let mut parts = [Some(&compiled.must), compiled.when.as_ref()].into_iter().flatten();
            parts.all(|part| self.sees(self.module, part))
                && rule.fields.iter().all(|field| self.module.field(field).is_some())
        })
    }

    /// What a page may work with while somebody types. Writes are judged by the rules of the whole module.
    fn compiled(&self) -> Rules {
        let whole = &self.whole.rules;
        let told =
            |checked: &Option<Checked>| checked.clone().filter(|checked| self.sees(self.module, checked));
        let formulas = whole.formulas.iter().filter(|formula| {
            self.module.field(&formula.field).is_some() && self.sees(self.module, &formula.checked)
        });
        let formulas = formulas.map(|formula| CompiledFormula {
            field: formula.field.clone(),
            checked: formula.checked.clone(),
        });
        let conditions = whole.conditions.iter().filter(|of| self.module.field(&of.field).is_some());
        let conditions = conditions.map(|of| FieldConditions {
            field: of.field.clone(),
            visible: told(&of.visible),
            required: told(&of.required),
            read_only: told(&of.read_only),
            set_once: of.set_once,
        });
        Rules { formulas: formulas.collect(), conditions: conditions.collect(), validation: Vec::new() }
    }
}
