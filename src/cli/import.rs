//! `trellis import`: rows of CSV files become records of a workspace, by a mapping file; each row is accounted for.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock::Clock;
use crate::db::Db;
use crate::id::{TenantId, UserId};
use crate::intake::{
    Account, Finding, GivenFile, Import, ImportError, Mapping, MappingFault, Outcome, PrepareError, Watch,
};
use crate::limits;
use crate::tenancy;
use crate::work::{Caches, Channel, Entry};

/// Rejected rows of a file that are shown; a report has them all.
const SHOWN: usize = 20;
/// The exit code when some rows were rejected and all others imported. 1 is for what stops an import, 2 for a command
/// line that cannot be read.
const SOME_REJECTED: u8 = 3;

/// What to import, and where to.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit code: 0 when every row is in, 3 when some rows were rejected and the others are in, \
                        1 when a file or the mapping was refused or the import stopped."
)]
pub struct ImportCommand {
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// Mapping file (YAML): what becomes of which column
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// E-mail address of the member in whose name rows are written [default: the owner]
    #[arg(long = "as", value_name = "EMAIL")]
    pub member: Option<String>,
    /// Do everything in one transaction and take it back: shows what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Write everything that is to be said about single rows into this file (CSV)
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// CSV files, or folders that have them under the names of the mapping
    #[arg(required = true, value_name = "FOLDER_OR_FILE")]
    pub paths: Vec<PathBuf>,
}

/// Runs the command and writes the account of every file.
pub async fn run(
    db: &Db,
    caches: &Caches,
    clock: &Clock,
    command: &ImportCommand,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let mapping = match Mapping::parse(&mapping_text(&command.mapping)?) {
        Ok(mapping) => mapping,
        Err(faults) => return refused(out, &command.mapping, &faults),
    };
    let files = given(&mapping, &command.paths)?;
    for name in mapping.files.iter().map(|file| &file.name.value) {
        if !files.iter().any(|file| file.mapping.name.value == *name) {
            writeln!(out, "{name} was not given and is skipped")?;
        }
    }
    let entry = entry(db, &command.tenant, command.member.as_deref()).await?;
    let import = Import { db, caches, clock, entry: &entry, dry_run: command.dry_run };
    let mut screen = Screen::new(out, command.report.as_deref())?;
    let outcome = Box::pin(import.run(&files, &mut screen)).await;
    screen.close()?;
    match outcome {
        Ok(accounts) => tell(out, &accounts, command.dry_run),
        Err(ImportError::Mapping(faults) | ImportError::Prepare(PrepareError::Mapping(faults))) => {
            refused(out, &command.mapping, &faults)
        }
        Err(ImportError::Files(errors)) => {
            for (path, error) in errors {
                writeln!(out, "{}: {:#}", path.display(), anyhow::Error::new(error))?;
            }
            writeln!(out, "nothing was imported")?;
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn mapping_text(path: &Path) -> anyhow::Result<String> {
    let what = || format!("the mapping {} cannot be read", path.display());
    let file = File::open(path).with_context(what)?;
    let mut text = String::new();
    file.take(limits::IMPORT_MAPPING_BYTES + 1).read_to_string(&mut text).with_context(what)?;
    if text.len() as u64 > limits::IMPORT_MAPPING_BYTES {
        bail!("the mapping {} is longer than {} KiB", path.display(), limits::IMPORT_MAPPING_BYTES / 1024);
    }
    Ok(text)
}

fn refused(out: &mut dyn Write, mapping: &Path, faults: &[MappingFault]) -> anyhow::Result<ExitCode> {
    for fault in faults {
        writeln!(out, "{}:{fault}", mapping.display())?;
    }
    writeln!(out, "nothing was imported")?;
    Ok(ExitCode::FAILURE)
}

/// The files of the mapping that are among the paths, in the mapping's order.
fn given<'m>(mapping: &'m Mapping, paths: &[PathBuf]) -> anyhow::Result<Vec<GivenFile<'m>>> {
    let mut found: Vec<(&str, PathBuf)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let names = mapping.files.iter().map(|file| file.name.value.as_str());
            found.extend(names.map(|name| (name, path.join(name))).filter(|(_, path)| path.exists()));
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(file) = mapping.file(name) else { bail!("the mapping does not name {}", path.display()) };
        found.push((&file.name.value, path.clone()));
    }
    let mut files = Vec::new();
    for file in &mapping.files {
        let mut paths = found.iter().filter(|(name, _)| *name == file.name.value).map(|(_, path)| path);
        if let Some(path) = paths.next() {
            files.push(GivenFile { mapping: file, path: path.clone() });
        }
        if let Some(second) = paths.next() {
            bail!("{} is given twice, the second time as {}", file.name.value, second.display());
        }
    }
    if files.is_empty() {
        bail!("no file of the mapping was found in the folders given");
    }
    Ok(files)
}

async fn entry(db: &Db, slug: &str, member: Option<&str>) -> anyhow::Result<Entry> {
    let tenant = tenancy::find(db, slug).await?.with_context(|| format!("there is no workspace {slug}"))?;
    let user = match member {
        None => tenancy::owner(db, tenant.id)
            .await?
            .context("the workspace has no owner; name a member with --as")?,
        Some(email) => by_email(db, tenant.id, email).await?,
    };
    Ok(Entry { tenant: tenant.id, user, session: None, channel: Channel::Import })
}

async fn by_email(db: &Db, tenant: TenantId, email: &str) -> anyhow::Result<UserId> {
    let email = email.trim().to_lowercase();
    let tx = db.tenant(tenant).await?;
    let members = tenancy::members(&tx, &email, i64::from(u16::MAX)).await?;
    let member = members.into_iter().find(|member| member.email == email);
    Ok(member.with_context(|| format!("{email} is no active member of the workspace"))?.user)
}

fn tell(out: &mut dyn Write, accounts: &[Account], dry_run: bool) -> anyhow::Result<ExitCode> {
    for account in accounts {
        let Account { file, module, rows, created, updated, unchanged, rejected, .. } = account;
        writeln!(
            out,
            "{file} → {module}: {rows} rows = {created} created + {updated} updated + {unchanged} unchanged + \
             {rejected} rejected"
        )?;
        for (column, count) in &account.unknown_references {
            writeln!(out, "  column {column}: {count} values refer to something that is not there")?;
        }
        if !account.ignored_columns.is_empty() {
            writeln!(out, "  columns left out: {}", account.ignored_columns.join(", "))?;
        }
        if !account.adds_up() {
            bail!("the account of {file} does not add up");
        }
    }
    if dry_run {
        writeln!(out, "this was a dry run: nothing was kept")?;
    }
    let all_in = accounts.iter().all(|account| account.rejected == 0);
    Ok(if all_in { ExitCode::SUCCESS } else { ExitCode::from(SOME_REJECTED) })
}

/// Shows how an import gets on: a bar where somebody looks, rejected rows, and the report.
struct Screen<'a> {
    out: &'a mut dyn Write,
    bar: ProgressBar,
    shown: usize,
    report: Option<csv::Writer<BufWriter<File>>>,
}

impl<'a> Screen<'a> {
    fn new(out: &'a mut dyn Write, report: Option<&Path>) -> anyhow::Result<Self> {
        let report = match report {
            Some(path) => {
                let what = || format!("the report {} cannot be written", path.display());
                let mut report =
                    csv::Writer::from_writer(BufWriter::new(File::create(path).with_context(what)?));
                report.write_record(["file", "line", "column", "outcome", "reason"]).with_context(what)?;
                Some(report)
            }
            None => None,
        };
        Ok(Self { out, bar: ProgressBar::hidden(), shown: 0, report })
    }

    fn close(mut self) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        if let Some(report) = &mut self.report {
            report.flush().context("the report cannot be written")?;
        }
        Ok(())
    }

    fn show(&mut self, file: &str, finding: &Finding) -> io::Result<()> {
        self.shown += 1;
        match self.shown {
            shown if shown > SHOWN + 1 => Ok(()),
            shown if shown > SHOWN => {
                let (bar, out) = (&self.bar, &mut *self.out);
                bar.suspend(|| writeln!(out, "{file}: … and more; --report FILE has all"))
            }
            _ => {
                let Finding { line, column, reason, .. } = finding;
                let column = column.as_ref().map(|column| format!("column {column}: ")).unwrap_or_default();
                let (bar, out) = (&self.bar, &mut *self.out);
                bar.suspend(|| writeln!(out, "{file}:{line}: {column}{}", plain(reason)))
            }
        }
    }
}

impl Watch for Screen<'_> {
    fn added(&mut self, what: &str) -> io::Result<()> {
        writeln!(self.out, "added {what}")
    }

    fn begin(&mut self, file: &str, rows: u64) -> io::Result<()> {
        self.bar.finish_and_clear();
        self.shown = 0;
        if io::stderr().is_terminal() {
            let style =
                ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len} rows · {eta}");
            self.bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar.set_message(file.to_owned());
        }
        Ok(())
    }

    fn done(&mut self, file: &str, rows: u64, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            if finding.outcome == Outcome::Rejected {
                self.show(file, finding)?;
            }
            if let Some(report) = &mut self.report {
                let line = finding.line.to_string();
                let column = finding.column.as_deref().unwrap_or_default();
                let cells = [file, &line, column, finding.outcome.word(), &finding.reason];
                report.write_record(cells.map(harmless)).map_err(io::Error::other)?;
            }
        }
        self.bar.inc(rows);
        Ok(())
    }
}

/// A text that commands no terminal: reasons quote files that nobody may have looked at.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let cell = plain(cell);
    if cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) { format!("'{cell}") } else { cell }
}
