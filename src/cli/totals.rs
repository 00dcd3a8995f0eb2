//! `trellis tenant totals`: proves that the kept totals of stages are what a recount gives, and repairs them.

use std::fmt::Write;

use anyhow::{Context, bail};
use clap::Args;

use crate::identity::Identity;
use crate::record::{self, TotalsDifference};
use crate::tenancy;
use crate::work::{Caches, Channel, Entry, Intent, Work};

/// Which totals to check.
#[derive(Clone, Debug, Args)]
pub struct CheckTotals {
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// Put a recount in their place; nobody writes into the workspace meanwhile
    #[arg(long)]
    pub repair: bool,
}

/// Compares the totals of a workspace with a recount; an error where they differ and are not repaired.
pub async fn check(identity: &Identity, slug: &str, repair: bool) -> anyhow::Result<String> {
    let tenant = tenancy::find(&identity.db, slug).await?;
    let tenant = tenant.with_context(|| format!("there is no workspace {slug}"))?;
    let owner = tenancy::owner(&identity.db, tenant.id).await?;
    let user = owner.context("the workspace has no owner, in whose name it could be checked")?;
    let entry = Entry { tenant: tenant.id, user, session: None, channel: Channel::Cli };
    let caches = Caches::default();
    let work = Work::begin(&identity.db, &caches, &identity.clock, &entry, Intent::ChangeSchema).await?;
    let differences = record::check_totals(&work).await?;
    if differences.is_empty() {
        return Ok(format!("the totals of {slug} are as they must be"));
    }
    let mut text = String::new();
    for TotalsDifference { module, stage, currency, kept, counted } in &differences {
        let place = format!("{module} {stage} {currency}");
        let (place, (kept_records, kept_sum)) = (place.trim_end(), kept);
        writeln!(
            text,
            "{place}: kept {kept_records} and {kept_sum}, counted {} and {}",
            counted.0, counted.1
        )?;
    }
    if !repair {
        bail!("{text}repair them with --repair");
    }
    for module in work.schema.modules() {
        record::repair_totals(&work, module).await?;
    }
    work.commit().await?;
    Ok(format!("{text}repaired"))
}
