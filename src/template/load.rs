//! Loads a template: text → located trees → shape → cross checks → definitions. All problems come back at once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::check::{self, File, Report};
use super::document::{Manifest, SampleSet, Template};
use super::format::FileKind;
use super::node::Position;
use super::problem::{Problem, suggestion};
use super::source::Source;
use super::{shape, yaml};
use crate::access::role::RoleDefinition;
use crate::field::OptionSet;
use crate::limits;
use crate::pipeline::PipelineDefinition;
use crate::schema::definition::ModuleDefinition;

const README: &str = "README.md";

/// Reads and checks a template. Err holds every problem, sorted by place.
pub fn load(source: &Source) -> Result<Template, Vec<Problem>> {
    let mut reading = Reading::default();
    reading.read_all(source);
    reading.expect_files(source);
    for file in &reading.files {
        for (at, message) in shape::check(file.kind, &file.root) {
            reading.report.at(file, at, message);
        }
    }
    check::run(&reading.files, &reading.unreadable, &mut reading.report);
    let built = if reading.report.is_empty() { reading.build(source) } else { None };
    built.ok_or_else(|| reading.report.into_problems())
}

#[derive(Default)]
struct Reading {
    files: Vec<File>,
    unreadable: Vec<(FileKind, String)>,
    readme: Option<String>,
    report: Report,
}

impl Reading {
    fn read_all(&mut self, source: &Source) {
        for path in source.irregular() {
            self.refuse(source, path, Position::START, "only plain files are read, not links or devices");
        }
        for (path, bytes) in source.files() {
            let Some(text) = self.read_text(source, path, bytes) else { continue };
            if path == README {
                self.readme = Some(text.to_owned());
                continue;
            }
            let Some((kind, stem)) = FileKind::of(path) else {
                let message =
                    format!("not supported by this engine version{}", suggestion(path, KNOWN_FILES));
                self.refuse(source, path, Position::START, message);
                continue;
            };
            match yaml::parse(text) {
                Ok(root) => self.files.push(File {
                    path: source.path_of(path),
                    kind,
                    stem: stem.to_owned(),
                    text: text.to_owned(),
                    root,
                }),
                Err(faults) => {
                    self.unreadable.push((kind, stem.to_owned()));
                    for fault in faults {
                        self.refuse(source, path, fault.at, fault.message);
                    }
                }
            }
        }
    }

    /// The text of a file of bearable size; a file that is not text is remembered as unreadable.
    fn read_text<'s>(&mut self, source: &Source, path: &str, bytes: &'s [u8]) -> Option<&'s str> {
        let refused = if bytes.len() > limits::TEMPLATE_FILE_BYTES {
            (Position::START, format!("larger than {} KiB", limits::TEMPLATE_FILE_BYTES / 1024))
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(error) => {
                    (position_after(bytes, error.valid_up_to()), "not valid UTF-8 from here".to_owned())
                }
            }
        };
        if let Some((kind, stem)) = FileKind::of(path) {
            self.unreadable.push((kind, stem.to_owned()));
        }
        self.refuse(source, path, refused.0, refused.1);
        None
    }

    fn expect_files(&mut self, source: &Source) {
        let given: Vec<&str> = source.files().map(|(path, _)| path).collect();
        for needed in ["template.yaml", "roles.yaml", README] {
            if !given.contains(&needed) {
                self.refuse(source, needed, Position::START, "this file is missing");
            }
        }
        let modules = given.iter().filter(|path| path.starts_with("modules/")).count();
        if modules == 0 {
            self.refuse(source, "modules", Position::START, "no module; a template has at least one");
        }
        if modules > limits::MODULES {
            let message = format!("{modules} modules; a workspace has at most {}", limits::MODULES);
            self.refuse(source, "modules", Position::START, message);
        }
    }

    fn refuse(&mut self, source: &Source, path: &str, at: Position, message: impl Into<String>) {
        self.report.add(Problem::new(source.path_of(path), at, message));
    }

    /// Turns checked files into definitions. A fault here means that a schema allows what its type does not.
    fn build(&mut self, source: &Source) -> Option<Template> {
        #[derive(serde::Deserialize)]
        struct Roles {
            roles: Vec<RoleDefinition>,
        }
        #[derive(serde::Deserialize)]
        struct OptionSets {
            sets: Vec<OptionSet>,
        }
        let manifest = self.definitions::<Manifest>(FileKind::Template).pop();
        let modules = self.definitions::<ModuleDefinition>(FileKind::Module);
        let pipelines = self.definitions::<PipelineDefinition>(FileKind::Pipeline);
        let roles = self.definitions::<Roles>(FileKind::Roles).pop();
        let samples = self.definitions::<SampleSet>(FileKind::Samples);
        let option_sets = self.definitions::<OptionSets>(FileKind::Options).pop();
        let (Some(manifest), Some(roles), true) = (manifest, roles, self.report.is_empty()) else {
            return None;
        };
        Some(Template {
            modules: in_order(modules, &manifest.modules),
            manifest,
            pipelines,
            roles: roles.roles,
            samples,
            option_sets: option_sets.map(|file| file.sets).unwrap_or_default(),
            readme: self.readme.take().unwrap_or_default(),
            content_hash: source.content_hash(),
        })
    }

    fn definitions<T: DeserializeOwned>(&mut self, kind: FileKind) -> Vec<T> {
        let mut definitions = Vec::new();
        for file in self.files.iter().filter(|file| file.kind == kind) {
            match serde_json::from_value(file.root.to_json()) {
                Ok(definition) => definitions.push(definition),
                Err(error) => self.report.at(file, file.root.at, error.to_string()),
            }
        }
        definitions
    }
}

const KNOWN_FILES: [&str; 7] = [
    "template.yaml",
    "options.yaml",
    "roles.yaml",
    README,
    "modules/module.yaml",
    "pipelines/pipeline.yaml",
    "samples/module.yaml",
];

/// Modules in the order that the manifest names, then by key.
fn in_order(mut modules: Vec<ModuleDefinition>, order: &[String]) -> Vec<ModuleDefinition> {
    let places: BTreeMap<&str, usize> =
        order.iter().enumerate().map(|(place, key)| (key.as_str(), place)).collect();
    modules.sort_by(|one, two| {
        let place =
            |module: &ModuleDefinition| places.get(module.key.as_str()).copied().unwrap_or(usize::MAX);
        place(one).cmp(&place(two)).then_with(|| one.key.cmp(&two.key))
    });
    modules
}

fn position_after(bytes: &[u8], valid: usize) -> Position {
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position { line: count(line), column: count(column) }
}
