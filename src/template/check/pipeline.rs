//! Checks a pipeline beyond its shape.

use super::vocabulary::Vocabulary;
use super::{File, Report, module, report_twins};

/// Its key, its module, its stages.
pub(super) fn check(file: &File, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let root = &file.root;
    if let Some(key) = root.get("key") {
        module::check_key(file, key, report);
    }
    if let Some(node) = root.get("module")
        && let Some(key) = node.text()
    {
        vocabulary.expect_module(file, node.at, key, report);
    }
    let stages = root.list("stages");
    report_twins(file, stages, |stage| stage.get("key"), "stage", report);
    if let Some(first) = stages.first()
        && let Some(category) = first.get("category")
        && matches!(category.text(), Some("won" | "lost"))
    {
        report.at(file, category.at, "the first stage is where new records start, so it is open");
    }
}
