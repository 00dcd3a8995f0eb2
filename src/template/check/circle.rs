//! Finds sample records that point at each other through required fields: none of them could be written first.

use std::collections::HashMap;

use super::vocabulary::{KnownModule, Lookup, Vocabulary};
use super::{File, Report};
use crate::template::document::SampleRef;
use crate::template::node::Node;
use crate::template::order::{Needs, order};

/// Reports every record of such a circle.
pub(super) fn check<'f>(
    files: impl Iterator<Item = &'f File>,
    vocabulary: &Vocabulary<'_>,
    report: &mut Report,
) {
    let records: Vec<Record<'_, '_>> = files.flat_map(|file| records_of(file, vocabulary)).collect();
    let mut places = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        places.entry((record.file.stem.as_str(), record.name)).or_insert(index);
    }
    let needs: Vec<Needs> = records.iter().map(|record| record.needs(&places)).collect();
    for index in order(&needs).err().unwrap_or_default() {
        let Record { file, node, name, .. } = records[index];
        let message =
            format!("record '{name}' is in a circle of required relations, so none can be the first");
        report.at(file, node.at, message);
    }
}

struct Record<'f, 'v> {
    file: &'f File,
    module: &'v KnownModule<'v>,
    node: &'f Node,
    name: &'f str,
}

fn records_of<'f, 'v>(file: &'f File, vocabulary: &'v Vocabulary<'v>) -> Vec<Record<'f, 'v>> {
    let Lookup::Known(module) = vocabulary.module(&file.stem) else { return Vec::new() };
    let records = file.root.list("records").iter();
    records.filter_map(|node| Some(Record { file, module, node, name: node.text_of("ref")? })).collect()
}

impl Record<'_, '_> {
    fn needs(&self, places: &HashMap<(&str, &str), usize>) -> Needs {
        let mut needs = Needs::default();
        for entry in self.node.get("data").map_or(&[][..], Node::entries) {
            let products =
                entry.node.list("rows").iter().filter_map(|row| row.get("product")?.text_of("ref"));
            let products = products.filter_map(SampleRef::parse);
            needs.required.extend(products.filter_map(|target| places.get(&(target.module, target.name))));
            let nodes = std::iter::once(&entry.node).chain(entry.node.items());
            let targets = nodes.filter_map(|node| node.text_of("ref").and_then(SampleRef::parse));
            let found = targets.filter_map(|target| places.get(&(target.module, target.name))).copied();
            let known = self.module.fields.get(entry.key.as_str());
            let required = known.and_then(|known| known.field.as_ref()).is_some_and(|field| field.required);
            let list = if required { &mut needs.required } else { &mut needs.optional };
            list.extend(found);
        }
        needs
    }
}
