//! Checks a pipeline beyond its shape: its key, its module, its place among others, its stages and their gates.

use std::collections::BTreeSet;

use super::language::{self, ModuleScope};
use super::vocabulary::{KnownModule, Lookup, Vocabulary};
use super::{File, Report, module};
use crate::expr;
use crate::limits;
use crate::pipeline::{self, Around, Fault, PipelineDefinition};
use crate::template::node::{Node, Tree};

/// Everything in one pipeline file.
pub(super) fn check(file: &File, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let root = &file.root;
    if let Some(key) = root.get("key") {
        module::check_key(file, key, report);
    }
    let Some(node) = root.get("module") else { return };
    let Some(key) = node.text() else { return };
    vocabulary.expect_module(file, node.at, key, report);
    // What the shape check refuses is said there.
    let Some(definition) = read(file) else { return };
    let (roles, nothing) = (vocabulary.roles(), expr::NoFields);
    let around = Around { scope: &nothing, fields: None, roles, siblings: &[], well_formed: true };
    let Lookup::Known(known) = vocabulary.module(key) else {
        return say(file, pipeline::check(&definition, &around), false, report);
    };
    check_default(file, node, known, report);
    let others = known.pipeline_files.iter().filter(|other| other.path != file.path);
    let siblings: Vec<PipelineDefinition> = others.filter_map(|other| read(other)).collect();
    let siblings: Vec<&PipelineDefinition> = siblings.iter().collect();
    let scope = ModuleScope::guard(known);
    let fields: BTreeSet<&str> = known.fields.keys().copied().collect();
    let around = Around { scope: &scope, fields: Some(&fields), siblings: &siblings, ..around };
    let faults = pipeline::check(&definition, &around);
    say(file, faults, scope.is_doubtful(), report);
}

/// Reports faults at their places; those of conditions only where the fields are beyond doubt.
fn say(file: &File, faults: Vec<Fault>, doubtful: bool, report: &mut Report) {
    for fault in faults {
        let place = file.root.nearest(&fault.pointer);
        let at = match (fault.byte, place.text()) {
            (Some(_), _) if doubtful => continue,
            (Some(byte), Some(source)) => language::position_in(file, place, source, byte),
            _ => place.at,
        };
        report.at(file, at, fault.message);
    }
}

fn read(file: &File) -> Option<PipelineDefinition> {
    serde_json::from_value(file.root.to_json()).ok()
}

/// Of several pipelines of a module one is the default. Said at the first of them.
fn check_default(file: &File, node: &Node, module: &KnownModule<'_>, report: &mut Report) {
    let files = &module.pipeline_files;
    if files.first().is_none_or(|first| first.path != file.path) || files.len() < 2 {
        return;
    }
    let key = node.text().unwrap_or_default();
    if files.len() > limits::PIPELINES_PER_MODULE {
        let most = limits::PIPELINES_PER_MODULE;
        report.at(file, node.at, format!("module '{key}' has {} pipelines, at most {most}", files.len()));
    }
    let said =
        |file: &&&File| matches!(file.root.get("default").map(|it| &it.tree), Some(Tree::Boolean(true)));
    match files.iter().filter(said).count() {
        1 => {}
        0 => report.at(
            file,
            node.at,
            format!("module '{key}' has several pipelines: mark one 'default: true'"),
        ),
        more => report.at(
            file,
            node.at,
            format!("module '{key}' has {more} default pipelines, and one is enough"),
        ),
    }
}
