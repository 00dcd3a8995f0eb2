//! Checks `template.yaml` beyond its shape.

use super::vocabulary::Vocabulary;
use super::{File, Report, report_twins};
use crate::template::problem::suggestion;

/// Version in the changelog, time zone, module order.
pub(super) fn check(file: &File, vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let root = &file.root;
    check_changelog(file, report);
    if let Some(node) = root.get("timezone")
        && let Some(name) = node.text()
        && name.parse::<chrono_tz::Tz>().is_err()
    {
        let like = suggestion(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        report.at(file, node.at, format!("time zone '{name}' does not exist{like}"));
    }
    for node in root.list("modules") {
        if let Some(key) = node.text() {
            vocabulary.expect_module(file, node.at, key, report);
        }
    }
    report_twins(file, root.list("modules"), Some, "module", report);
}

fn check_changelog(file: &File, report: &mut Report) {
    let changes = file.root.list("changelog");
    report_twins(file, changes, |change| change.get("version"), "version", report);
    let Some(node) = file.root.get("version") else { return };
    let Some(version) = node.text() else { return };
    if !changes.is_empty() && !changes.iter().any(|change| change.text_of("version") == Some(version)) {
        report.at(file, node.at, format!("the changelog says nothing of version {version}"));
    }
}
