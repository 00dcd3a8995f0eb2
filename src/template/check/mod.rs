//! Cross checks: what JSON Schema cannot see, because it lies between keys, files and expressions. Every check walks
//! the located tree and skips what the shape check has refused, so that one fault is said once and hides no other.

mod circle;
mod language;
mod manifest;
mod module;
mod options;
mod pipeline;
mod role;
mod sample;
mod vocabulary;

use super::format::FileKind;
use super::node::{Node, Position};
use super::problem::Problem;
use vocabulary::Vocabulary;

/// A YAML file of a template, read.
pub(super) struct File {
    /// How problems name it.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// The key that its name gives it.
    pub stem: String,
    /// Its text.
    pub text: String,
    /// Its tree.
    pub root: Node,
}

/// The problems found so far.
#[derive(Default)]
pub(super) struct Report {
    problems: Vec<Problem>,
}

impl Report {
    /// More are not collected: nobody reads them, and a hostile file must not make the report grow without end.
    const PROBLEMS: usize = 1_000;

    /// Adds a problem of a file.
    pub(super) fn at(&mut self, file: &File, at: Position, message: impl Into<String>) {
        self.add(Problem::new(&file.path, at, message));
    }

    /// Adds a problem.
    pub(super) fn add(&mut self, problem: Problem) {
        if !self.is_full() {
            self.problems.push(problem);
        }
    }

    /// Whether further problems would be dropped; checks that cost time stop here.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= Self::PROBLEMS
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems, sorted by place, none twice.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        problems.sort();
        problems.dedup();
        problems
    }
}

/// Runs every cross check. `unreadable` are files that exist but could not be read as YAML: what they might define
/// is taken to exist.
pub(super) fn run(files: &[File], unreadable: &[(FileKind, String)], report: &mut Report) {
    let vocabulary = Vocabulary::gather(files, unreadable, report);
    for file in files {
        match file.kind {
            FileKind::Template => manifest::check(file, &vocabulary, report),
            FileKind::Module => module::check(file, &vocabulary, report),
            FileKind::Pipeline => pipeline::check(file, &vocabulary, report),
            FileKind::Roles => role::check(file, &vocabulary, report),
            FileKind::Options => options::check(file, report),
            FileKind::Samples => {}
        }
    }
    sample::check(files, &vocabulary, report);
}

/// Reports every key of `items` that stands twice; `what` is the word for one of them.
fn report_twins<'n>(
    file: &File,
    items: impl IntoIterator<Item = &'n Node>,
    key: impl Fn(&'n Node) -> Option<&'n Node>,
    what: &str,
    report: &mut Report,
) {
    let mut seen = std::collections::HashSet::new();
    for node in items.into_iter().filter_map(key) {
        let Some(text) = node.text() else { continue };
        if !seen.insert(text) {
            report.at(file, node.at, format!("{what} '{text}' stands here twice"));
        }
    }
}
