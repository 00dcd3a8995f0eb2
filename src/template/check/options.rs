//! Checks the option sets that fields share.

use std::collections::BTreeMap;

use super::{File, Report, report_twins};
use crate::field::{ChoiceOption, OptionSet};

/// No set and no option of a set stands twice.
pub(super) fn check(file: &File, report: &mut Report) {
    let sets = file.root.list("sets");
    report_twins(file, sets, |set| set.get("key"), "option set", report);
    for set in sets {
        report_twins(file, set.list("options"), |option| option.get("key"), "option", report);
    }
}

/// The options of every set that can be read, by the set's key.
pub(super) fn read(file: &File) -> BTreeMap<&str, Vec<ChoiceOption>> {
    let set = |node| -> Option<OptionSet> {
        serde_json::from_value(crate::template::node::Node::to_json(node)).ok()
    };
    let sets = file.root.list("sets").iter();
    sets.filter_map(|node| Some((node.text_of("key")?, set(node)?.options))).collect()
}
