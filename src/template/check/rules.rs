//! Conditions, validation rules and derived values of all modules of a template, each fault at its line and column.

use std::collections::BTreeSet;

use super::Report;
use super::language::position_in;
use super::vocabulary::{KnownModule, Vocabulary};
use crate::schema::definition::Validation;
use crate::schema::rules::{self, RuleFault, Shape};
use crate::template::format::FileKind;
use crate::template::node::Node;

/// The keys of the stages of all its pipelines, each once; None where it has no pipeline.
fn stages(module: &KnownModule<'_>) -> Option<Vec<String>> {
    let keys: BTreeSet<&str> = module.pipelines.values().flatten().copied().collect();
    (!module.pipelines.is_empty()).then(|| keys.into_iter().map(str::to_owned).collect())
}

/// Reports the faults of all rules. A module with faulty fields is left out: what its rules lack may only be misspelt.
pub(super) fn check(vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let whole = |module: &KnownModule<'_>| module.fields.values().all(|known| known.field.is_some());
    let modules: Vec<_> = vocabulary.modules().filter(|(_, module)| whole(module)).collect();
    let validation: Vec<Vec<Validation>> = modules.iter().map(|(_, module)| validation(module)).collect();
    let shapes: Vec<Shape<'_>> = modules
        .iter()
        .zip(&validation)
        .map(|((key, module), validation)| Shape {
            key,
            fields: module.in_order().collect(),
            stages: stages(module),
            validation,
            roles: vocabulary.roles.as_ref().map(|roles| roles.iter().map(ToString::to_string).collect()),
        })
        .collect();
    let known = |key: &str| {
        vocabulary.modules().any(|(module, _)| module == key)
            || vocabulary.is_unreadable(FileKind::Module, key)
    };
    for fault in rules::check(&shapes, &known) {
        let module = modules.iter().find(|(key, _)| *key == fault.module);
        if let Some((_, module)) = module {
            say(module, fault, report);
        }
    }
}

/// The rules as declared; those whose shape is refused are left out, and said elsewhere.
fn validation(module: &KnownModule<'_>) -> Vec<Validation> {
    let rules: Option<Vec<Validation>> = module
        .file
        .root
        .list("validation")
        .iter()
        .map(|node| serde_json::from_value(node.to_json()).ok())
        .collect();
    rules.unwrap_or_default()
}

fn say(module: &KnownModule<'_>, fault: RuleFault, report: &mut Report) {
    let root: &Node = match fault.field.as_deref().and_then(|key| module.fields.get(key)) {
        Some(known) => known.node,
        None => &module.file.root,
    };
    let node = root.nearest(&fault.pointer);
    let at = match (fault.start, node.text()) {
        (Some(start), Some(source)) => position_in(module.file, node, source, start),
        _ => node.at,
    };
    report.at(module.file, at, fault.message);
}
