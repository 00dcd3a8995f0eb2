//! The account of an import: what became of every row, and everything that is to be said about single ones.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

/// What is to be said about a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line of the file on which the row begins.
    pub line: u64,
    /// The column concerned, if it is one.
    pub column: Option<String>,
    /// Whether the row was left out for it.
    pub outcome: Outcome,
    /// A sentence for people.
    pub reason: String,
}

/// What a finding means for its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The row was not imported.
    Rejected,
    /// The row was imported; this is worth knowing.
    Noted,
}

impl Outcome {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Noted => "noted",
        }
    }
}

/// What became of the rows of one file. `rows` is always the sum of the other four.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The file's name.
    pub file: String,
    /// The module's key.
    pub module: String,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that became new records.
    pub created: u64,
    /// Rows that changed a record.
    pub updated: u64,
    /// Rows whose record has their values already.
    pub unchanged: u64,
    /// Rows that were left out, each with a finding.
    pub rejected: u64,
    /// By column: values that refer to something that is not there; they were kept as text, or left out of a relation
    /// that may be empty.
    pub unknown_references: BTreeMap<String, u64>,
    /// Columns that no rule names and the mapping lets pass.
    pub ignored_columns: Vec<String>,
}

impl Account {
    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.rows == self.created + self.updated + self.unchanged + self.rejected
    }

    /// Takes over what a batch did.
    pub(super) fn add(&mut self, batch: &BatchAccount) {
        self.rows += batch.rows;
        self.created += batch.created;
        self.updated += batch.updated;
        self.unchanged += batch.unchanged;
        self.rejected += batch.rejected;
        for (column, count) in &batch.unknown_references {
            *self.unknown_references.entry(column.clone()).or_default() += count;
        }
    }
}

/// What became of the rows of one batch.
#[derive(Debug, Default)]
pub(super) struct BatchAccount {
    pub(super) rows: u64,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) rejected: u64,
    pub(super) unknown_references: BTreeMap<String, u64>,
    pub(super) findings: Vec<Finding>,
}

impl BatchAccount {
    /// Leaves a row out, for one or several reasons.
    pub(super) fn reject(&mut self, reasons: impl IntoIterator<Item = Finding>) {
        self.rejected += 1;
        self.findings.extend(reasons);
    }

    /// Notes a value that refers to something that is not there.
    pub(super) fn unknown(&mut self, line: u64, column: &str, reason: String) {
        *self.unknown_references.entry(column.to_owned()).or_default() += 1;
        self.findings.push(Finding {
            line,
            column: Some(column.to_owned()),
            outcome: Outcome::Noted,
            reason,
        });
    }
}

/// Somebody who follows an import: progress bar, report file, tests.
pub trait Watch {
    /// A field or a module was added to the workspace.
    fn added(&mut self, what: &str) -> io::Result<()>;
    /// A file begins; it has so many rows.
    fn begin(&mut self, file: &str, rows: u64) -> io::Result<()>;
    /// Rows have been dealt with for good, and this is to be said about them.
    fn done(&mut self, file: &str, rows: u64, findings: &[Finding]) -> io::Result<()>;
}
