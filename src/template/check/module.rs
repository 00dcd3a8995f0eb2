//! Checks a module beyond its shape: keys, title, layouts, views, relations, defaults.

use super::language::{self, ModuleScope};
use super::line;
use super::vocabulary::{KnownField, KnownModule, Lookup, Vocabulary};
use super::{File, Report, report_twins};
use crate::field::Cast;
use crate::schema::SystemField;
use crate::template::node::{Entry, Node};

/// Everything in one module file.
pub(super) fn check(file: &File, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let root = &file.root;
    let key = root.text_of("key").unwrap_or(&file.stem);
    if let Some(node) = root.get("key") {
        check_key(file, node, report);
    }
    let Lookup::Known(module) = vocabulary.module(key) else { return };
    check_fields(file, module, vocabulary, report);
    line::check_product(file, module, report);
    if let Some(title) = root.get("title") {
        language::check_title(file, title, &ModuleScope::fields(module), report);
    }
    report_twins(file, root.list("layouts"), |layout| layout.get("purpose"), "a layout for", report);
    for layout in root.list("layouts") {
        check_layout(module, layout, report);
    }
    report_twins(file, root.list("views"), |view| view.get("key"), "view", report);
    for view in root.list("views") {
        check_view(module, view, vocabulary, report);
    }
}

/// The key of a file's thing is the file's name.
pub(super) fn check_key(file: &File, node: &Node, report: &mut Report) {
    if let Some(key) = node.text()
        && key != file.stem
    {
        report.at(file, node.at, format!("'{key}' does not agree with the file's name '{}.yaml'", file.stem));
    }
}

fn check_fields(file: &File, module: &KnownModule<'_>, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let nodes = file.root.list("fields");
    report_twins(file, nodes, |field| field.get("key"), "field", report);
    for node in nodes {
        let Some(key) = node.get("key") else { continue };
        if let Some(name) = key.text().filter(|name| SystemField::RESERVED.contains(name)) {
            let message = format!("'{name}' is a system field: every record has it, no module declares it");
            report.at(file, key.at, message);
        }
        if matches!(node.text_of("type"), Some("relation" | "relations")) {
            check_relation(file, node, vocabulary, report);
        }
        if node.text_of("type") == Some("line_items") {
            line::check_lines(file, module, node, vocabulary, report);
        }
    }
    for known in module.fields.values() {
        check_default(file, known, report);
    }
    check_rules(file, module, report);
}

/// The modules that a relation points to, and its condition on their records.
fn check_relation(file: &File, node: &Node, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    for target in node.get("module").into_iter().chain(node.list("modules")) {
        let Some(name) = target.text() else { continue };
        vocabulary.expect_module(file, target.at, name, report);
        if let (Some(filter), Lookup::Known(module)) = (node.get("filter"), vocabulary.module(name)) {
            language::check_condition(file, filter, &ModuleScope::record(module, vocabulary), report);
        }
    }
}

/// Fields that are unique together, and fields by which duplicates are found.
fn check_rules(file: &File, module: &KnownModule<'_>, report: &mut Report) {
    for rule in file.root.list("unique") {
        for node in rule.items() {
            if let Some(name) = node.text() {
                module.expect_field(node, name, false, "the unique fields", report);
            }
        }
        report_twins(file, rule.items(), Some, "field", report);
    }
    for rule in file.root.list("duplicates") {
        for own in rule.list("match") {
            let Some((node, name)) = own.get("field").and_then(|node| Some((node, node.text()?))) else {
                continue;
            };
            module.expect_field(node, name, false, "the duplicate rule", report);
            let field = module.fields.get(name).and_then(|known| known.field.as_ref());
            if own.text_of("method") == Some("similar")
                && field.is_some_and(|field| field.kind.cast() != Cast::Text)
            {
                report.at(file, node.at, format!("field '{name}' is no text, so it cannot be 'similar'"));
            }
        }
        report_twins(file, rule.list("match"), |own| own.get("field"), "field", report);
    }
}

/// A computed default is type-checked; a plain one was checked by the field type.
fn check_default(file: &File, known: &KnownField<'_>, report: &mut Report) {
    let Some(field) = &known.field else { return };
    let Some([Entry { key, node, .. }]) = known.node.get("default").map(Node::entries) else { return };
    if key == "expr" {
        language::check_value(file, node, &[field.kind.expr_type()], report);
    }
}

fn check_layout(module: &KnownModule<'_>, layout: &Node, report: &mut Report) {
    for node in layout.list("highlights") {
        if let Some(name) = node.text() {
            module.expect_field(node, name, true, "the highlights", report);
        }
    }
    let sections = layout.list("sections");
    for section in sections {
        let place = format!("section '{}'", section.text_of("label").unwrap_or_default());
        for node in section.list("fields") {
            if let Some(name) = node.text() {
                module.expect_field(node, name, false, &place, report);
            }
        }
    }
    let fields = sections.iter().flat_map(|section| section.list("fields"));
    report_twins(module.file, fields, Some, "field", report);
}

fn check_view(module: &KnownModule<'_>, view: &Node, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let place = format!("view '{}'", view.text_of("key").unwrap_or_default());
    for node in view.list("columns") {
        if let Some(name) = node.text() {
            module.expect_field(node, name, true, &place, report);
        }
    }
    report_twins(module.file, view.list("columns"), Some, "column", report);
    for node in view.list("sort") {
        if let Some(name) = node.text() {
            check_sort(module, node, name.strip_prefix('-').unwrap_or(name), &place, report);
        }
    }
    if let Some(filter) = view.get("filter") {
        language::check_condition(module.file, filter, &ModuleScope::record(module, vocabulary), report);
    }
}

fn check_sort(module: &KnownModule<'_>, node: &Node, name: &str, place: &str, report: &mut Report) {
    module.expect_field(node, name, true, &format!("the sort of {place}"), report);
    let field = module.fields.get(name).and_then(|known| known.field.as_ref());
    if field.is_some_and(|field| !field.kind.cast().is_sorted()) {
        report.at(
            module.file,
            node.at,
            format!("field '{name}' holds several values, so no list is sorted by it"),
        );
    }
}
