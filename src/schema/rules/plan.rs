//! Lookups and roll-ups of a whole schema, by the module whose records they follow.

use std::collections::HashMap;

use super::scope::{RecordScope, Shape};
use crate::expr::{self, Checked, Problem};
use crate::field::rules::RollupFunction;
use crate::schema::{Module, Schema};

/// Who follows whom.
#[derive(Debug, Default)]
pub struct Plans {
    /// Roll-ups by the number of the module whose records are summed up.
    rollups: HashMap<i16, Vec<RollupPlan>>,
    /// Lookups by the number of the module whose values are copied.
    lookups: HashMap<i16, Vec<LookupPlan>>,
}

/// A roll-up: a field of `parent` that sums up the records that point to it.
#[derive(Debug)]
pub struct RollupPlan {
    /// The number of the module that has the field.
    pub parent: i16,
    /// The field's key.
    pub field: String,
    /// The field's number.
    pub number: i16,
    /// What is made of the values.
    pub function: RollupFunction,
    /// The number of the module that is summed up.
    pub child: i16,
    /// The relation by which it points here: its key.
    pub relation: String,
    /// Its number.
    pub link: i16,
    /// Whose values; None counts records.
    pub value: Option<String>,
    /// Which records count.
    pub condition: Option<Checked>,
}

/// A lookup: a field that copies a value of the record that a relation points to.
#[derive(Debug)]
pub struct LookupPlan {
    /// The number of the module that has the field.
    pub dependent: i16,
    /// The field's key.
    pub field: String,
    /// The relation's key.
    pub relation: String,
    /// The relation's number.
    pub link: i16,
    /// The number of the module that is looked up.
    pub target: i16,
    /// The key of the field that is copied.
    pub source: String,
}

impl Plans {
    /// Roll-ups that sum up records of a module.
    pub fn summing(&self, module: i16) -> &[RollupPlan] {
        self.rollups.get(&module).map(Vec::as_slice).unwrap_or_default()
    }

    /// Lookups that copy values of a module.
    pub fn copying(&self, module: i16) -> &[LookupPlan] {
        self.lookups.get(&module).map(Vec::as_slice).unwrap_or_default()
    }

    /// The roll-ups that a module has.
    pub fn rollups_of(&self, module: i16) -> impl Iterator<Item = &RollupPlan> {
        self.rollups.values().flatten().filter(move |plan| plan.parent == module)
    }

    /// The lookups that a module has.
    pub fn lookups_of(&self, module: i16) -> impl Iterator<Item = &LookupPlan> {
        self.lookups.values().flatten().filter(move |plan| plan.dependent == module)
    }

    /// Whether values of a module's records follow from other records.
    pub fn follows_others(&self, module: i16) -> bool {
        self.rollups_of(module).next().is_some() || self.lookups_of(module).next().is_some()
    }

    /// The plans of a schema whose rules have passed the check; what leads nowhere is left out.
    pub(in crate::schema) fn of(schema: &Schema) -> Result<Self, Vec<Problem>> {
        let mut plans = Self::default();
        for module in schema.modules() {
            for stored in &module.fields {
                if let Some(plan) = lookup(schema, module, &stored.field.key) {
                    plans.lookups.entry(plan.target).or_default().push(plan);
                }
                if let Some(plan) = rollup(schema, module, &stored.field.key)? {
                    plans.rollups.entry(plan.child).or_default().push(plan);
                }
            }
        }
        Ok(plans)
    }
}

fn lookup(schema: &Schema, module: &Module, key: &str) -> Option<LookupPlan> {
    let lookup = module.field(key)?.field.rules.lookup.as_ref()?;
    let relation = module.field(&lookup.relation)?;
    let target = schema.module(relation.target()?)?;
    Some(LookupPlan {
        dependent: module.number,
        field: key.to_owned(),
        relation: lookup.relation.clone(),
        link: relation.number,
        target: target.number,
        source: target.field(&lookup.field)?.field.key.clone(),
    })
}

fn rollup(schema: &Schema, module: &Module, key: &str) -> Result<Option<RollupPlan>, Vec<Problem>> {
    let Some(stored) = module.field(key) else { return Ok(None) };
    let Some(rollup) = &stored.field.rules.rollup else { return Ok(None) };
    let (child, relation) = rollup.source();
    let Some(child) = schema.module(child) else { return Ok(None) };
    let Some(link) = child.field(relation) else { return Ok(None) };
    let shape = Shape::of(child);
    let condition = rollup.condition.as_ref().map(|source| expr::condition(source, &RecordScope(&shape)));
    Ok(Some(RollupPlan {
        parent: module.number,
        field: key.to_owned(),
        number: stored.number,
        function: rollup.function,
        child: child.number,
        relation: relation.to_owned(),
        link: link.number,
        value: rollup.field.clone(),
        condition: condition.transpose()?,
    }))
}

impl<'a> Shape<'a> {
    /// The shape of a compiled module.
    pub fn of(module: &'a Module) -> Self {
        let stages = || module.stage_keys().into_iter().map(str::to_owned).collect();
        Self {
            key: module.key(),
            fields: module.fields.iter().map(|stored| &stored.field).collect(),
            stages: (!module.pipelines.is_empty()).then(stages),
            validation: &module.definition.validation,
            roles: None,
        }
    }
}
