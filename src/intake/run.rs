//! A whole import: survey every file, get the workspace ready, then write batch after batch, each in a transaction of
//! its own. What stops it leaves whole batches behind; since rows are recognised by their keys, it is run again.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::account::{Account, Watch};
use super::batch::{self, Done, Seen};
use super::csv::{CsvFault, CsvRecord};
use super::file::{FileError, Survey};
use super::mapping::{FileMapping, Mapping, MappingFault};
use super::plan::{self, Plan};
use super::prepare::{self, PrepareError};
use crate::access::{Scope, Verb};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::record;
use crate::work::{Caches, Entry, Intent, Work, WorkError};

/// Rows of one transaction.
const BATCH_ROWS: usize = 500;
/// Text of one transaction, in bytes, give or take a row.
const BATCH_BYTES: usize = 1024 * 1024;
/// How often a batch is tried that failed for a reason that passes.
const TRIES: u32 = 5;

/// Where an import writes, and for whom.
pub struct Import<'a> {
    /// The database.
    pub db: &'a Db,
    /// Compiled schemas and roles.
    pub caches: &'a Caches,
    /// The time.
    pub clock: &'a Clock,
    /// The workspace and the person in whose name rows are written.
    pub entry: &'a Entry,
    /// Take everything back at the end. Nobody else sees anything of it, but may have to wait for it.
    pub dry_run: bool,
}

/// A file of the mapping that was given.
pub struct GivenFile<'a> {
    /// What becomes of its rows.
    pub mapping: &'a FileMapping,
    /// Where it lies.
    pub path: PathBuf,
}

/// Why an import did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Files are refused as a whole; nothing was written.
    #[error("{} file(s) cannot be imported", .0.len())]
    Files(Vec<(PathBuf, FileError)>),
    /// The mapping does not fit the files or the workspace; nothing was written.
    #[error("the mapping does not fit")]
    Mapping(Vec<MappingFault>),
    /// The actor may not import into a module; nothing was written.
    #[error("your role may not import {0}")]
    Denied(String),
    /// Fields or modules could not be added; nothing was written.
    #[error("the workspace could not be got ready")]
    Prepare(#[from] PrepareError),
    /// No work could begin.
    #[error("the import could not work in the workspace")]
    Work(#[from] WorkError),
    /// A file changed while it was read; the batches before are in.
    #[error("{file} changed while it was imported")]
    Changed {
        /// The file's name.
        file: String,
        /// What was found.
        #[source]
        source: CsvFault,
    },
    /// A batch failed; those before it are in. Running the import again goes on from there.
    #[error("the import stopped at line {line} of {file}; run it again to go on from there")]
    Stopped {
        /// The file's name.
        file: String,
        /// The line on which the batch begins.
        line: u64,
        /// Why.
        #[source]
        source: record::Error,
    },
    /// The report could not be written; the batches so far are in.
    #[error("the report of the import could not be written")]
    Report(#[from] io::Error),
}

impl Mapping {
    /// The mapping of a file by its name.
    pub fn file(&self, name: &str) -> Option<&FileMapping> {
        self.files.iter().find(|file| file.name.value == name)
    }
}

impl Import<'_> {
    /// Imports files in their order. On Ok every row of every file is accounted for.
    pub async fn run(
        &self,
        files: &[GivenFile<'_>],
        watch: &mut dyn Watch,
    ) -> Result<Vec<Account>, ImportError> {
        let surveys = survey(files)?;
        let mut held = self.prepare(files, &surveys, watch).await?;
        let mut accounts = Vec::new();
        for (file, survey) in files.iter().zip(&surveys) {
            watch.begin(&file.mapping.name.value, survey.rows)?;
            accounts.push(Box::pin(self.file(file.mapping, survey, &mut held, watch)).await?);
        }
        Ok(accounts)
    }

    /// Adds what is missing and checks that everything fits, all in one transaction. A dry run gets it to go on in.
    async fn prepare(
        &self,
        files: &[GivenFile<'_>],
        surveys: &[Survey],
        watch: &mut dyn Watch,
    ) -> Result<Option<Work>, ImportError> {
        let mut work = self.begin(Intent::Write).await?;
        if files.iter().any(|file| prepare::lacks(&work.schema, file.mapping)) {
            drop(work);
            work = self.begin(Intent::ChangeSchema).await?;
        }
        let mut added = Vec::new();
        for file in files {
            added.extend(prepare::add_missing(&mut work, file.mapping).await?);
        }
        check(&work, files, surveys)?;
        for what in &added {
            watch.added(what)?;
        }
        if self.dry_run {
            return Ok(Some(work));
        }
        work.commit().await.map_err(WorkError::from)?;
        Ok(None)
    }

    async fn file(
        &self,
        mapping: &FileMapping,
        survey: &Survey,
        held: &mut Option<Work>,
        watch: &mut dyn Watch,
    ) -> Result<Account, ImportError> {
        let name = &mapping.name.value;
        let mut account =
            Account { file: name.clone(), module: mapping.module.value.clone(), ..Account::default() };
        let mut rows =
            survey.rows().map_err(|error| ImportError::Files(vec![(survey.path.clone(), error)]))?;
        account.ignored_columns = mapping.ignored(survey);
        let mut seen = Seen::default();
        loop {
            let changed = |source| ImportError::Changed { file: name.clone(), source };
            let batch = rows.next(BATCH_ROWS, BATCH_BYTES).map_err(changed)?;
            let Some(line) = batch.first().map(|row| row.line) else { break };
            let done = self.batch(mapping, survey, &batch, &seen, held).await;
            let Done { account: done, keys } = done.map_err(|failure| match failure {
                Failure::Misfit(faults) => ImportError::Mapping(faults),
                Failure::Work(error) => ImportError::Work(error),
                Failure::Record(source) => ImportError::Stopped { file: name.clone(), line, source },
            })?;
            seen.extend(keys);
            account.add(&done);
            watch.done(name, done.rows, &done.findings)?;
        }
        Ok(account)
    }

    /// Writes a batch, several times if need be.
    async fn batch(
        &self,
        mapping: &FileMapping,
        survey: &Survey,
        rows: &[CsvRecord],
        seen: &Seen,
        held: &mut Option<Work>,
    ) -> Result<Done, Failure> {
        if let Some(work) = held {
            return write(work, mapping, survey, rows, seen).await;
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_batch(mapping, survey, rows, seen).await {
                Err(failure) if failure.is_transient() && tries < TRIES => {
                    tracing::warn!(tries, "a batch failed for a reason that passes; it is tried again");
                    tokio::time::sleep(Duration::from_millis(100 << tries)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_batch(
        &self,
        mapping: &FileMapping,
        survey: &Survey,
        rows: &[CsvRecord],
        seen: &Seen,
    ) -> Result<Done, Failure> {
        let work = self.begin(Intent::Write).await.map_err(Failure::Work)?;
        let done = write(&work, mapping, survey, rows, seen).await?;
        work.commit().await.map_err(|error| Failure::Work(error.into()))?;
        Ok(done)
    }

    async fn begin(&self, intent: Intent) -> Result<Work, WorkError> {
        Work::begin(self.db, self.caches, self.clock, self.entry, intent).await
    }
}

/// Why a batch was not written.
enum Failure {
    /// The workspace was changed meanwhile, and the mapping no longer fits it.
    Misfit(Vec<MappingFault>),
    Work(WorkError),
    Record(record::Error),
}

impl Failure {
    fn is_transient(&self) -> bool {
        match self {
            Self::Work(WorkError::Database(error)) | Self::Record(record::Error::Database(error)) => {
                DbError::is_transient(error)
            }
            _ => false,
        }
    }
}

async fn write(
    work: &Work,
    mapping: &FileMapping,
    survey: &Survey,
    rows: &[CsvRecord],
    seen: &Seen,
) -> Result<Done, Failure> {
    // Made for each batch, because the schema may have changed since the last one.
    let plan = fit(work, mapping, survey).map_err(Failure::Misfit)?;
    Box::pin(batch::write(work, &plan, rows, seen)).await.map_err(Failure::Record)
}

fn fit<'m>(
    work: &'m Work,
    mapping: &'m FileMapping,
    survey: &'m Survey,
) -> Result<Plan<'m>, Vec<MappingFault>> {
    plan::plan(&work.schema, mapping, survey, work.workspace.locale.timezone)
}

/// Every file from end to end, so that whatever is wrong with one as a whole is known before anything is written.
fn survey(files: &[GivenFile<'_>]) -> Result<Vec<Survey>, ImportError> {
    let (mut surveys, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match Survey::of(&file.path, file.mapping.dialect()) {
            Ok(survey) => surveys.push(survey),
            Err(error) => errors.push((file.path.clone(), error)),
        }
    }
    if errors.is_empty() { Ok(surveys) } else { Err(ImportError::Files(errors)) }
}

/// Whether the actor may import, and every mapping fits.
fn check(work: &Work, files: &[GivenFile<'_>], surveys: &[Survey]) -> Result<(), ImportError> {
    let mut faults = Vec::new();
    for (file, survey) in files.iter().zip(surveys) {
        let module = &file.mapping.module.value;
        let lacks = |verb| work.actor.scope(module, verb) == Scope::None;
        if work.schema.module(module).is_some()
            && [Verb::Import, Verb::Create, Verb::Read].into_iter().any(lacks)
        {
            return Err(ImportError::Denied(module.clone()));
        }
        faults.extend(fit(work, file.mapping, survey).err().into_iter().flatten());
    }
    if faults.is_empty() { Ok(()) } else { Err(ImportError::Mapping(faults)) }
}
