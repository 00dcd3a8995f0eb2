//! The rules of a module, ready to be held against records.

use super::graph;
use super::scope::{RecordScope, Shape, WriteScope};
use crate::expr::{self, Checked, Problem, Scope};
use crate::schema::definition::Severity;

/// Everything that a write of a module's records obeys, checked once.
#[derive(Debug, Default)]
pub struct Rules {
    /// Formulas, each after those that it reads.
    pub formulas: Vec<CompiledFormula>,
    /// Fields that have conditions.
    pub conditions: Vec<FieldConditions>,
    /// Rules over whole records.
    pub validation: Vec<CompiledValidation>,
}

/// A formula and the field that it fills.
#[derive(Debug)]
pub struct CompiledFormula {
    /// The field's key.
    pub field: String,
    /// What it computes.
    pub checked: Checked,
}

/// The conditions of a field.
#[derive(Debug)]
pub struct FieldConditions {
    /// The field's key.
    pub field: String,
    /// Shown only where it holds.
    pub visible: Option<Checked>,
    /// Asked for where it holds.
    pub required: Option<Checked>,
    /// Locked where it holds.
    pub read_only: Option<Checked>,
    /// A stored value stays.
    pub set_once: bool,
}

/// A validation rule.
#[derive(Debug)]
pub struct CompiledValidation {
    /// Its key.
    pub key: String,
    /// Where it applies.
    pub when: Option<Checked>,
    /// What must hold.
    pub must: Checked,
    /// What is said where it does not.
    pub message: String,
    /// At which fields.
    pub fields: Vec<String>,
    /// Whether the write is refused.
    pub severity: Severity,
}

/// Compiles the rules of a module that have passed [`super::check()`].
pub(in crate::schema) fn compile(shape: &Shape<'_>) -> Result<Rules, Vec<Problem>> {
    let (record, write) = (RecordScope(shape), WriteScope(shape));
    let mut rules = Rules::default();
    for key in graph::order(shape) {
        let source = shape.field(key).and_then(|field| field.rules.formula.as_ref());
        if let Some(formula) = source {
            let checked = expr::check(&expr::parse(&formula.expr)?, &record)?;
            rules.formulas.push(CompiledFormula { field: key.to_owned(), checked });
        }
    }
    for field in &shape.fields {
        let declared = &field.rules;
        let conditions = FieldConditions {
            field: field.key.clone(),
            visible: condition(declared.visible_when.as_ref(), &write)?,
            required: condition(declared.required_when.as_ref(), &write)?,
            read_only: condition(declared.read_only_when.as_ref(), &write)?,
            set_once: declared.set_once,
        };
        if !conditions.is_idle() {
            rules.conditions.push(conditions);
        }
    }
    for rule in shape.validation {
        rules.validation.push(CompiledValidation {
            key: rule.key.clone(),
            when: condition(rule.when.as_ref(), &write)?,
            must: expr::condition(&rule.must, &write)?,
            message: rule.message.clone(),
            fields: rule.fields.clone(),
            severity: rule.severity,
        });
    }
    Ok(rules)
}

fn condition(source: Option<&String>, scope: &dyn Scope) -> Result<Option<Checked>, Vec<Problem>> {
    source.map(|source| expr::condition(source, scope)).transpose()
}

impl FieldConditions {
    fn is_idle(&self) -> bool {
        self.visible.is_none() && self.required.is_none() && self.read_only.is_none() && !self.set_once
    }
}
