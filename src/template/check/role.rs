//! Checks the permission matrix beyond its shape.

use super::vocabulary::Vocabulary;
use super::{File, Report, report_twins};
use crate::template::node::{Node, Position};

/// Roles that every template has: the owner of a workspace and its first colleague get them.
const EVERYWHERE: [&str; 2] = ["admin", "worker"];
/// The entry that holds for modules that a role does not name.
const OTHERS: &str = "*";

/// Keys, modules, and that every module can be read by someone.
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
    for entry in roles.iter().filter_map(|role| role.get("modules")).flat_map(Node::entries) {
        if entry.key != OTHERS {
            vocabulary.expect_module(file, entry.at, &entry.key, report);
        }
    }
    check_readers(roles, vocabulary, report);
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
