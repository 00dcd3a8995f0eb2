//! Checks the permission matrix beyond its shape.

use std::collections::BTreeMap;

use super::language::{self, ModuleScope};
use super::vocabulary::{Lookup, Vocabulary};
use super::{File, Report, report_twins};
use crate::access::role::OTHERS;
use crate::template::node::{Node, Position};
use crate::template::problem::suggestion;

/// Roles that every template has: the owner of a workspace and its first colleague get them.
const EVERYWHERE: [&str; 2] = ["admin", "worker"];

/// Keys, modules, fields, conditions, what is extended, and that every module can be read by someone.
pub(super) fn check(file: &File, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let roles = file.root.list("roles");
    report_twins(file, roles, |role| role.get("key"), "role", report);
    for needed in EVERYWHERE {
        if !roles.iter().any(|role| role.text_of("key") == Some(needed)) {
            report.at(
                file,
                file.root.key_position("/roles"),
                format!("role '{needed}' is missing; every template has it"),
            );
        }
    }
    for role in roles {
        check_grants(file, role, vocabulary, report);
        check_fields(file, role, vocabulary, report);
    }
    check_extends(file, roles, report);
    check_readers(roles, vocabulary, report);
}

fn check_grants(file: &File, role: &Node, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    for entry in role.get("modules").map_or(&[][..], Node::entries) {
        let condition = entry.node.get("where");
        if entry.key == OTHERS {
            if let Some(condition) = condition {
                let message = "'where' speaks of one module's fields, so it cannot stand at '*'";
                report.at(file, condition.at, message);
            }
            continue;
        }
        vocabulary.expect_module(file, entry.at, &entry.key, report);
        if let (Some(condition), Lookup::Known(module)) = (condition, vocabulary.module(&entry.key)) {
            language::check_condition(file, condition, &ModuleScope::unstored(module), report);
        }
    }
}

/// Every entry of `fields` names a field of a module.
fn check_fields(file: &File, role: &Node, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    for entry in role.get("fields").map_or(&[][..], Node::entries) {
        let Some((module, field)) = entry.key.split_once('.') else { continue };
        match vocabulary.module(module) {
            Lookup::Known(known) if !known.fields.contains_key(field) => {
                let like = suggestion(field, known.fields.keys().copied());
                let message = format!("field '{field}' does not exist in module '{module}'{like}");
                report.at(file, entry.at, message);
            }
            Lookup::Known(_) | Lookup::Unreadable => {}
            Lookup::Missing(like) => {
                report.at(file, entry.at, format!("module '{module}' does not exist{like}"));
            }
        }
    }
}

/// What a role extends is there, and no role comes back to itself.
fn check_extends(file: &File, roles: &[Node], report: &mut Report) {
    let parents: BTreeMap<&str, &str> =
        roles.iter().filter_map(|role| Some((role.text_of("key")?, role.text_of("extends")?))).collect();
    for role in roles {
        let (Some(key), Some(node)) = (role.text_of("key"), role.get("extends")) else { continue };
        let Some(parent) = node.text() else { continue };
        if !roles.iter().any(|role| role.text_of("key") == Some(parent)) {
            let like = suggestion(parent, roles.iter().filter_map(|role| role.text_of("key")));
            report.at(file, node.at, format!("role '{parent}' does not exist{like}"));
        }
        let mut ancestors = std::iter::successors(Some(parent), |key| parents.get(key).copied());
        if ancestors.by_ref().take(roles.len()).any(|ancestor| ancestor == key) {
            report.at(file, node.at, format!("role '{key}' extends itself, in a circle"));
        }
    }
}

fn check_readers(roles: &[Node], vocabulary: &Vocabulary<'_>, report: &mut Report) {
    for (key, module) in vocabulary.modules() {
        // A key that does not agree with its file's name has been reported; roles may mean the file's name.
        if key != module.file.stem || roles.iter().any(|role| reads(role, key)) {
            continue;
        }
        let at = module.file.root.get("key").map_or(Position::START, |node| node.at);
        report.at(module.file, at, format!("no role can read module '{key}'"));
    }
}

fn reads(role: &Node, module: &str) -> bool {
    let Some(modules) = role.get("modules") else { return true };
    let grants = modules.get(module).or_else(|| modules.get(OTHERS));
    grants.is_some_and(|grants| grants.get("read").is_some_and(|scope| scope.text() != Some("none")))
}
