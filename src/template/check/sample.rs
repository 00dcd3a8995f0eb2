//! Checks the demo records: every value is one that the field would take.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::vocabulary::{KnownField, KnownModule, Lookup, Vocabulary};
use super::{File, Report, report_twins};
use super::{circle, language};
use crate::expr::{Type, fold};
use crate::field::{Field, Locale};
use crate::schema::SystemField;
use crate::template::document::{SampleRef, SampleValue, with_line_products};
use crate::template::format::FileKind;
use crate::template::node::{Entry, Node, Tree};
use crate::template::problem::suggestion;

/// What the samples of a template share.
struct Samples<'v, 'f> {
    vocabulary: &'v Vocabulary<'f>,
    /// `ref`s by module.
    names: BTreeMap<&'f str, BTreeSet<&'f str>>,
    locale: Locale,
}

/// All sample files together, since they point at each other.
pub(super) fn check(files: &[File], vocabulary: &Vocabulary<'_>, report: &mut Report) {
    let of_kind = |kind| files.iter().filter(move |file| file.kind == kind);
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in of_kind(FileKind::Samples) {
        let refs = file.root.list("records").iter().filter_map(|record| record.text_of("ref"));
        names.entry(&file.stem).or_default().extend(refs);
    }
    let locale = of_kind(FileKind::Template).next().map(|file| locale(&file.root)).unwrap_or_default();
    let samples = Samples { vocabulary, names, locale };
    for file in of_kind(FileKind::Samples) {
        samples.check_file(file, report);
    }
    circle::check(of_kind(FileKind::Samples), vocabulary, report);
}

fn locale(manifest: &Node) -> Locale {
    let usual = Locale::default();
    let text = |key, usual: String| manifest.text_of(key).map_or(usual, str::to_owned);
    Locale {
        currency: text("currency", usual.currency),
        country: text("country", usual.country),
        timezone: text("timezone", String::new()).parse().unwrap_or(usual.timezone),
    }
}

impl Samples<'_, '_> {
    fn check_file(&self, file: &File, report: &mut Report) {
        let root = &file.root;
        let Some(node) = root.get("module") else { return };
        let Some(key) = node.text() else { return };
        super::module::check_key(file, node, report);
        report_twins(file, root.list("records"), |record| record.get("ref"), "ref", report);
        let module = match self.vocabulary.module(key) {
            Lookup::Known(module) => module,
            Lookup::Unreadable => return,
            Lookup::Missing(like) => {
                return report.at(file, node.at, format!("module '{key}' does not exist{like}"));
            }
        };
        let mut taken = BTreeSet::new();
        for record in root.list("records") {
            self.check_record(file, module, record, &mut taken, report);
        }
    }

    fn check_record(
        &self,
        file: &File,
        module: &KnownModule<'_>,
        record: &Node,
        taken: &mut BTreeSet<(String, String)>,
        report: &mut Report,
    ) {
        if let Some(data) = record.get("data") {
            for entry in data.entries() {
                if report.is_full() {
                    return;
                }
                self.check_entry(file, module, entry, taken, report);
            }
            check_required(file, module, record, data, report);
        }
        check_stage(file, module, record, report);
        if let Some(owner) = record.get("owner") {
            self.vocabulary.expect_role(file, owner, report);
        }
        if let Some(expression) = record.get("created").and_then(|created| created.get("expr")) {
            language::check_value(file, expression, &[Type::Instant, Type::Date], report);
        }
    }

    fn check_entry(
        &self,
        file: &File,
        module: &KnownModule<'_>,
        entry: &Entry,
        taken: &mut BTreeSet<(String, String)>,
        report: &mut Report,
    ) {
        let Some(known) = module.fields.get(entry.key.as_str()) else {
            return report.at(file, entry.at, unknown_field(module, &entry.key));
        };
        let Some(field) = &known.field else { return };
        if field.rules.is_derived() {
            let message = format!("the value of field '{}' follows from others; leave it out", field.key);
            return report.at(file, entry.at, message);
        }
        let Some(stored) = self.check_value(file, known, field, &entry.node, report) else { return };
        if field.unique && !taken.insert((field.key.clone(), fold(&stored.to_string()))) {
            let message = format!("field '{}' is unique, but an earlier record has this value", field.key);
            report.at(file, entry.node.at, message);
        }
    }

    /// The stored form of a plain value that its field takes.
    fn check_value(
        &self,
        file: &File,
        known: &KnownField<'_>,
        field: &Field,
        node: &Node,
        report: &mut Report,
    ) -> Option<Value> {
        let value = node.to_json();
        match (SampleValue::of(&value), known.type_key()) {
            (SampleValue::Sample(target), "relation") => self.check_ref(file, known, node, target, report),
            (SampleValue::Samples(targets), "relations") => node
                .items()
                .iter()
                .zip(targets)
                .for_each(|(node, target)| self.check_ref(file, known, node, target, report)),
            (SampleValue::Member(_), "member") => {
                let role = node.get("member").unwrap_or(node);
                self.vocabulary.expect_role(file, role, report);
            }
            (SampleValue::Expression(_), _) => {
                let source = node.get("expr").unwrap_or(node);
                language::check_value(file, source, &[field.kind.expr_type()], report);
            }
            (_, key @ ("relation" | "relations" | "member" | "auto_number")) => {
                report.at(file, node.at, form(key))
            }
            (_, "line_items") => return self.check_lines(file, known, field, node, report),
            _ if value.is_null() => {}
            _ => match field.kind.normalise(value, &self.locale) {
                Ok(stored) => return Some(stored),
                Err(reject) => report.at(file, node.at, format!("field '{}': {}", field.key, reject.message)),
            },
        }
        None
    }

    /// Lines name their products as {ref: module/name}.
    fn check_lines(
        &self,
        file: &File,
        known: &KnownField<'_>,
        field: &Field,
        node: &Node,
        report: &mut Report,
    ) -> Option<Value> {
        for product in node.list("rows").iter().filter_map(|row| row.get("product")) {
            match SampleValue::of(&product.to_json()) {
                SampleValue::Sample(target) => self.check_ref(file, known, product, target, report),
                _ => {
                    report.at(file, product.at, "a product is given as {ref: module/name}");
                    return None;
                }
            }
        }
        let value = with_line_products(&node.to_json(), |_| Some(Uuid::nil().to_string()));
        match field.kind.normalise(value, &self.locale) {
            Ok(stored) => Some(stored),
            Err(reject) => {
                let at = node.nearest(&reject.at).at;
                report.at(file, at, format!("field '{}': {}", field.key, reject.message));
                None
            }
        }
    }

    fn check_ref(
        &self,
        file: &File,
        known: &KnownField<'_>,
        node: &Node,
        target: SampleRef<'_>,
        report: &mut Report,
    ) {
        let wanted: Vec<&str> = known
            .node
            .get("module")
            .into_iter()
            .chain(known.node.list("modules"))
            .filter_map(Node::text)
            .collect();
        let at = node.get("ref").map_or(node.at, |text| text.at);
        let wanted = wanted.iter().find(|wanted| **wanted == target.module).or(wanted.first()).copied();
        let wanted = wanted.unwrap_or_default();
        if target.module != wanted {
            let message =
                format!("this field points at module '{wanted}': {{ref: {wanted}/{}}}", target.name);
            return report.at(file, at, message);
        }
        if self.vocabulary.is_unreadable(FileKind::Samples, wanted) {
            return;
        }
        let nobody = BTreeSet::new();
        let names = self.names.get(wanted).unwrap_or(&nobody);
        if !names.contains(target.name) {
            let addresses: Vec<String> = names.iter().map(|name| format!("{wanted}/{name}")).collect();
            let like = suggestion(&target.to_string(), addresses.iter().map(String::as_str));
            report.at(file, at, format!("sample '{target}' does not exist{like}"));
        }
    }
}

fn unknown_field(module: &KnownModule<'_>, name: &str) -> String {
    let key = module.file.root.text_of("key").unwrap_or(&module.file.stem);
    if SystemField::RESERVED.contains(&name) {
        return format!(
            "'{name}' is a system field; samples give 'stage', 'owner' and 'created' beside 'data'"
        );
    }
    let like = suggestion(name, module.fields.keys().copied());
    format!("field '{name}' does not exist in module '{key}'{like}")
}

fn check_required(file: &File, module: &KnownModule<'_>, record: &Node, data: &Node, report: &mut Report) {
    let fields = module.fields.values().filter_map(|known| known.field.as_ref());
    for field in fields.filter(|field| field.required && field.default.is_none()) {
        let given = data.get(&field.key).is_some_and(|node| !node.to_json().is_null());
        if !given && field.kind.type_key() != "auto_number" {
            let name = record.text_of("ref").unwrap_or_default();
            let at = record.key_position("/data");
            report.at(file, at, format!("record '{name}' lacks the required field '{}'", field.key));
        }
    }
}

/// The pipeline and the stage that a record names.
fn check_stage(file: &File, module: &KnownModule<'_>, record: &Node, report: &mut Report) {
    let (pipeline, stage) = (record.get("pipeline"), record.get("stage"));
    let Some(first) = pipeline.or(stage) else { return };
    if module.pipelines.is_empty() {
        return report.at(file, first.at, "the module has no pipeline, so its records have no stage");
    }
    let stages = match pipeline.and_then(|node| Some((node, node.text()?))) {
        None => default_stages(module),
        Some((node, key)) => match module.pipelines.get(key) {
            Some(stages) => stages.clone(),
            None => {
                let like = suggestion(key, module.pipelines.keys().copied());
                return report.at(file, node.at, format!("pipeline '{key}' does not exist{like}"));
            }
        },
    };
    let Some((node, stage)) = stage.and_then(|node| Some((node, node.text()?))) else { return };
    if !stages.contains(&stage) {
        let like = suggestion(stage, stages.iter().copied());
        report.at(file, node.at, format!("stage '{stage}' does not exist{like}"));
    }
}

/// The stages of the pipeline in which records start that name none.
fn default_stages<'f>(module: &KnownModule<'f>) -> Vec<&'f str> {
    let is_default =
        |file: &&&File| matches!(file.root.get("default").map(|node| &node.tree), Some(Tree::Boolean(true)));
    let file = module.pipeline_files.iter().find(is_default).or(module.pipeline_files.first());
    let stages = file.map_or(&[][..], |file| file.root.list("stages"));
    stages.iter().filter_map(|stage| stage.text_of("key")).collect()
}

/// How a value is given that is not written as it is.
fn form(type_key: &str) -> &'static str {
    match type_key {
        "relation" => "a relation is given as {ref: module/name}",
        "relations" => "relations are given as a list: [{ref: module/name}, …]",
        "member" => "a member is given as {member: role}",
        _ => "an auto_number field numbers itself; leave it out",
    }
}
