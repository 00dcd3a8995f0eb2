//! The rules that a module declares over whole records: errors refuse the write, warnings are told with its answer.

use super::facts::Facts;
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::schema::Module;
use crate::schema::definition::Severity;
use crate::schema::rules::CompiledValidation;
use crate::work::Work;

/// Holds each rule against each change. A rule that reads a value which is refused anyway says nothing.
pub(super) fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    for change in changes {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for rule in &module.rules.validation {
            if reads_refused(rule, change) || !is_broken(&Facts::new(work, module, change), rule)? {
                continue;
            }
            match rule.severity {
                Severity::Error => errors.extend(faults(rule)),
                Severity::Warning => warnings.extend(faults(rule)),
            }
        }
        change.faults.extend(errors);
        change.warnings.extend(warnings);
    }
    Ok(())
}

fn is_broken(facts: &Facts<'_>, rule: &CompiledValidation) -> Result<bool, Error> {
    let applies = rule.when.as_ref().map_or(Ok(true), |when| facts.hold(when))?;
    Ok(applies && !facts.hold(&rule.must)?)
}

fn reads_refused(rule: &CompiledValidation, change: &Change) -> bool {
    let reads = |key: &str| {
        rule.must.fields().contains(key) || rule.when.as_ref().is_some_and(|when| when.fields().contains(key))
    };
    change.faults.iter().any(|fault| fault.field().is_some_and(reads))
}

/// The fault at each of the rule's fields, or at the record as a whole.
fn faults(rule: &CompiledValidation) -> Vec<Fault> {
    let fault = |at: String| Fault::new(at, format!("rule.{}", rule.key), rule.message.clone());
    match rule.fields.is_empty() {
        true => vec![fault("/data".into())],
        false => rule.fields.iter().map(|key| fault(pointer(key))).collect(),
    }
}
