//! One batch of rows, inside one transaction: read, recognise, create, update, account.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Value};

use super::account::{BatchAccount, Finding};
use super::csv::CsvRecord;
use super::plan::{Plan, Reference, Target};
use super::row::{self, Row, rejected};
use super::way::Way;
use crate::db::{Constraint, DbError};
use crate::record::{self, Error, Found, Input, Invalid, Patch};
use crate::work::Work;

/// The keys of a file so far, so that a second row with the same key is told and not taken for a change of the first.
/// A key is kept as its hash: 16 bytes a row, however long keys are.
#[derive(Default)]
pub(super) struct Seen {
    hasher: RandomState,
    lines: HashMap<u64, u64>,
}

impl Seen {
    /// Remembers the keys of rows that are dealt with for good.
    pub(super) fn extend(&mut self, keys: Vec<(u64, u64)>) {
        self.lines.extend(keys);
    }
}

/// What a batch did, and the keys that it saw: (hash, line).
pub(super) struct Done {
    pub(super) account: BatchAccount,
    pub(super) keys: Vec<(u64, u64)>,
}

/// Writes a batch. What is refused of single rows is in the account; Err means that the transaction is to be dropped.
pub(super) async fn write(
    work: &Work,
    plan: &Plan<'_>,
    records: &[CsvRecord],
    seen: &Seen,
) -> Result<Done, Error> {
    let mut batch = Batch { work, plan, account: BatchAccount::default() };
    batch.account.rows = records.len() as u64;
    let rows = batch.read(records);
    let (rows, keys) = batch.without_repetitions(rows, seen);
    let rows = batch.resolve(rows).await?;
    let keys_of_rows: Vec<String> = rows.iter().map(|row| row.unique.clone()).collect();
    let present = record::by_unique(work, plan.module, plan.key_field, &keys_of_rows).await?;
    let mut fresh = Vec::new();
    for row in rows {
        match present.get(&row.unique) {
            Some(found) => batch.compare(row, found).await?,
            None => fresh.push(row),
        }
    }
    batch.create(fresh).await?;
    batch.account.findings.sort_by_key(|finding| finding.line);
    Ok(Done { account: batch.account, keys })
}

struct Batch<'b> {
    work: &'b Work,
    plan: &'b Plan<'b>,
    account: BatchAccount,
}

impl Batch<'_> {
    fn read(&mut self, records: &[CsvRecord]) -> Vec<Row> {
        let locale = &self.work.workspace.locale;
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            match row::read(self.plan, locale, record) {
                Ok(row) => rows.push(row),
                Err(faults) => self.account.reject(faults),
            }
        }
        rows
    }

    fn without_repetitions(&mut self, rows: Vec<Row>, seen: &Seen) -> (Vec<Row>, Vec<(u64, u64)>) {
        let (mut kept, mut here) = (Vec::with_capacity(rows.len()), HashMap::new());
        for row in rows {
            let hash = seen.hasher.hash_one(&row.unique);
            if let Some(first) = seen.lines.get(&hash).or_else(|| here.get(&hash)) {
                let reason = format!("The row has the same key as that on line {first}.");
                self.account.reject([rejected(row.line, Some(row::key_names(self.plan)), reason)]);
                continue;
            }
            here.insert(hash, row.line);
            kept.push(row);
        }
        (kept, here.into_iter().collect())
    }

    /// Puts records in the place of references. A relation that must be there rejects its row; any other reference
    /// that leads nowhere is noted.
    async fn resolve(&mut self, mut rows: Vec<Row>) -> Result<Vec<Row>, Error> {
        for (number, column) in self.plan.columns.iter().enumerate() {
            let (target, what) = match &column.reference {
                Reference::None => continue,
                Reference::Relation(target) => (Some(target), target.module.key()),
                Reference::Text(what, target) => (target.as_ref(), *what),
            };
            let found = match target {
                Some(target) => self.find(target, number, &rows).await?,
                None => HashMap::new(),
            };
            let is_relation = matches!(column.reference, Reference::Relation(_));
            rows = rows
                .into_iter()
                .filter_map(|row| self.refer(row, number, what, &found, is_relation))
                .collect();
        }
        Ok(rows)
    }

    async fn find(
        &self,
        target: &Target<'_>,
        number: usize,
        rows: &[Row],
    ) -> Result<HashMap<String, Found>, Error> {
        let wanted: BTreeSet<&String> = rows.iter().filter_map(|row| row.reference(number)).collect();
        let wanted: Vec<String> = wanted.into_iter().cloned().collect();
        record::by_unique(self.work, target.module, target.by, &wanted).await
    }

    /// The row with its reference resolved; None where it was rejected.
    fn refer(
        &mut self,
        mut row: Row,
        number: usize,
        what: &str,
        found: &HashMap<String, Found>,
        is_relation: bool,
    ) -> Option<Row> {
        let column = &self.plan.columns[number];
        let Some(key) = row.reference(number) else { return Some(row) };
        // A record that the actor may not read is not there for them.
        let to = found.get(key).filter(|found| found.data.is_some());
        match (to, is_relation) {
            (Some(to), true) => {
                row.data.insert(column.stored.field.key.clone(), to.id.to_string().into());
            }
            (Some(_), false) => {}
            (None, true) if column.stored.is_required() => {
                let reason = format!("Nothing in {what} has this key, and the row needs it.");
                self.account.reject([rejected(row.line, Some(column.name.to_owned()), reason)]);
                return None;
            }
            (None, true) => {
                let reason = format!("Nothing in {what} has this key; the field was left as it is.");
                self.account.unknown(row.line, column.name, reason);
            }
            (None, false) => {
                let reason = format!("This refers to {what} that are not there; the value was kept as text.");
                self.account.unknown(row.line, column.name, reason);
            }
        }
        Some(row)
    }

    /// Updates the record of a row, if they differ.
    async fn compare(&mut self, row: Row, found: &Found) -> Result<(), Error> {
        let Some(current) = &found.data else {
            let reason = "There is a record with this key that you may not see.".to_owned();
            self.account.reject([rejected(row.line, Some(row::key_names(self.plan)), reason)]);
            return Ok(());
        };
        let differs = |key: &String, value: &Value| current.get(key).unwrap_or(&Value::Null) != value;
        let line = row.line;
        let data: Map<String, Value> =
            row.data.into_iter().filter(|(key, value)| differs(key, value)).collect();
        let Way { pipeline, stage, reason } = row.way.from(self.plan.module, found.stage);
        if data.is_empty() && pipeline.is_none() && stage.is_none() {
            self.account.unchanged += 1;
            return Ok(());
        }
        let patch = Patch { data, pipeline, stage, reason, ..Patch::default() };
        let update = record::update(self.work, self.plan.module, found.id, Some(found.version), patch);
        match self.work.tx.attempt(Box::pin(update)).await {
            Ok(_) => self.account.updated += 1,
            Err(error) => self.refused(line, error)?,
        }
        Ok(())
    }

    async fn create(&mut self, rows: Vec<Row>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
        let inputs: Vec<Input> = rows.into_iter().map(|row| self.input(row)).collect();
        let created = record::create_many(self.work, self.plan.module, inputs.clone());
        match self.work.tx.attempt(Box::pin(created)).await {
            Ok(outcomes) => {
                for (line, outcome) in lines.into_iter().zip(outcomes) {
                    match outcome {
                        Ok(_) => self.account.created += 1,
                        Err(invalid) => self.invalid(line, invalid),
                    }
                }
                Ok(())
            }
            Err(error) if is_refusal(&error) => self.create_singly(lines, inputs).await,
            Err(error) => Err(error),
        }
    }

    /// The database has refused one of the rows: finds out which, so that the others are not lost with it.
    async fn create_singly(&mut self, lines: Vec<u64>, inputs: Vec<Input>) -> Result<(), Error> {
        for (line, input) in lines.into_iter().zip(inputs) {
            let created = record::create(self.work, self.plan.module, input);
            match self.work.tx.attempt(Box::pin(created)).await {
                Ok(_) => self.account.created += 1,
                Err(error) => self.refused(line, error)?,
            }
        }
        Ok(())
    }

    fn input(&self, row: Row) -> Input {
        let mut data = row.data;
        data.insert(self.plan.key_field.field.key.clone(), row.key.into());
        let Way { pipeline, stage, reason } = row.way;
        let allow_duplicates = self.plan.allow_duplicates;
        Input { data, pipeline, stage, reason, allow_duplicates, ..Input::default() }
    }

    /// Rejects a row for what was said about it; what is not about the row ends the batch.
    fn refused(&mut self, line: u64, error: Error) -> Result<(), Error> {
        match error {
            Error::Invalid(invalid) => self.invalid(line, invalid),
            error if is_refusal(&error) => {
                self.account.reject([rejected(line, None, sentence(&error.to_string()))]);
            }
            error => return Err(error),
        }
        Ok(())
    }

    fn invalid(&mut self, line: u64, invalid: Invalid) {
        let findings: Vec<Finding> = invalid
            .errors
            .into_iter()
            .map(|fault| {
                let field = fault.field().unwrap_or_default();
                let column = self.column_of(field).or_else(|| self.way_column(&fault.pointer));
                let reason = match (&column, self.plan.module.field(field)) {
                    (None, Some(stored)) => format!("{}: {}", stored.field.label, fault.message),
                    _ => fault.message,
                };
                rejected(line, column, reason)
            })
            .collect();
        self.account.reject(findings);
    }

    /// The column that says what a fault of the record's way is about; the stage's where there is none of its own.
    fn way_column(&self, pointer: &str) -> Option<String> {
        let key = pointer.strip_prefix('/').filter(|key| ["pipeline", "stage", "reason"].contains(key))?;
        let own = self.plan.way.iter().find(|column| column.word.key() == key);
        let column = own.or_else(|| self.plan.way.first());
        column.map(|column| column.name.to_owned())
    }

    /// The column that feeds a field.
    fn column_of(&self, field: &str) -> Option<String> {
        if field == self.plan.key_field.field.key {
            return Some(row::key_names(self.plan));
        }
        let column = self.plan.columns.iter().find(|column| column.stored.field.key == field);
        column.map(|column| column.name.to_owned())
    }
}

/// Whether an error is about the values of a row, and not about the connection or the whole import.
fn is_refusal(error: &Error) -> bool {
    match error {
        Error::Invalid(_)
        | Error::Denied(_)
        | Error::NotFound
        | Error::Stale { .. }
        | Error::InUse(_)
        | Error::TooManyDependents
        | Error::OutOfFuel => true,
        Error::NoModule(_) | Error::TooMany { .. } => false,
        Error::Database(error) => matches!(
            error,
            DbError::Constraint { kind: Constraint::Unique | Constraint::ForeignKey | Constraint::Other, .. }
                | DbError::BadValue(_)
        ),
    }
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
