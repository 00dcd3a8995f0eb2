//! `trellis repair`: computes derived values anew and tells which were not right.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use crate::clock::Clock;
use crate::db::Db;
use crate::id::{RecordId, TenantId};
use crate::record::{self, Difference};
use crate::tenancy;
use crate::work::{Caches, Unattended};

/// Differences that are shown; all are counted.
const SHOWN: usize = 20;

/// Whose values to compute.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit code: 0 when every value is right or was put right, 3 when --check found some that are \
                        not, 1 when the command stopped. It commits batch by batch; --after goes on where it stopped."
)]
pub struct RepairCommand {
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// Only this module
    #[arg(long, value_name = "KEY")]
    pub module: Option<String>,
    /// Change nothing; only tell what is wrong
    #[arg(long)]
    pub check: bool,
    /// Begin behind this record
    #[arg(long, value_name = "ID", requires = "module")]
    pub after: Option<uuid::Uuid>,
}

/// Runs the command and tells what it found.
pub async fn run(
    db: &Db,
    caches: &Caches,
    clock: &Clock,
    command: &RepairCommand,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let tenant = tenancy::find(db, &command.tenant).await?;
    let tenant = tenant.with_context(|| format!("there is no workspace {}", command.tenant))?.id;
    let repair = Repair { db, caches, clock, tenant, check: command.check };
    let mut wrong = 0;
    for module in repair.modules(command.module.as_deref()).await? {
        wrong += repair.module(&module, command.after.map(RecordId), out).await?;
    }
    Ok(if wrong > 0 && command.check { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

struct Repair<'a> {
    db: &'a Db,
    caches: &'a Caches,
    clock: &'a Clock,
    tenant: TenantId,
    check: bool,
}

impl Repair<'_> {
    async fn begin(&self) -> anyhow::Result<Unattended> {
        Ok(Unattended::begin(self.db, self.caches, self.clock, self.tenant).await?)
    }

    async fn modules(&self, wanted: Option<&str>) -> anyhow::Result<Vec<String>> {
        let work = self.begin().await?;
        let keys: Vec<String> = work.schema.modules().map(|module| module.key().to_owned()).collect();
        match wanted {
            None => Ok(keys),
            Some(key) if keys.iter().any(|known| known == key) => Ok(vec![key.to_owned()]),
            Some(key) => bail!("there is no module {key}; there are {}", keys.join(", ")),
        }
    }

    /// Goes over a module batch by batch; gives how many values were not right.
    async fn module(&self, key: &str, after: Option<RecordId>, out: &mut dyn Write) -> anyhow::Result<usize> {
        let (mut records, mut wrong, mut last) = (0, 0, after);
        loop {
            let work = self.begin().await?;
            let module =
                work.schema.module(key).cloned().with_context(|| format!("the module {key} is gone"))?;
            let found = record::repair(&work, &module, last, self.check).await?;
            work.commit().await?;
            records += found.records;
            for Difference { record, field, stored, right } in &found.differences {
                wrong += 1;
                if wrong <= SHOWN {
                    writeln!(out, "{key}/{record} {field}: {stored} should be {right}")?;
                }
            }
            last = found.last;
            if last.is_none() {
                break;
            }
        }
        let done = if self.check || wrong == 0 { "wrong" } else { "put right" };
        writeln!(out, "{key}: {records} records, {wrong} values {done}")?;
        Ok(wrong)
    }
}
