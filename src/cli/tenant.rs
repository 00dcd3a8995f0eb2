//! `trellis tenant create|list|totals`: workspaces, made by whoever runs the installation.

use std::fmt::Write;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::totals::{self, CheckTotals};
use crate::identity::{self, Identity, InputFault};
use crate::template::{self, Catalogue, InstallOptions, Installed};
use crate::tenancy::{self, NewTenant, Tenant};
use crate::work::{Caches, Channel, Entry, Intent, Work};

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Create a workspace for a user who exists
    Create(CreateTenant),
    /// List workspaces
    List(ListTenants),
    /// Prove that what boards count and add up is what a recount gives
    Totals(CheckTotals),
}

/// A workspace about to be made.
#[derive(Clone, Debug, Args)]
pub struct CreateTenant {
    /// What people call it
    #[arg(long)]
    pub name: String,
    /// Its part of the address; made from the name where it is missing
    #[arg(long)]
    pub slug: Option<String>,
    /// E-mail address of the user who will own it
    #[arg(long, value_name = "EMAIL")]
    pub owner: String,
    /// Key of the template that it is made from, such as hospital
    #[arg(long, value_name = "KEY")]
    pub template: Option<String>,
    /// Install the template's sample records too
    #[arg(long, requires = "template")]
    pub samples: bool,
}

/// Which workspaces to list.
#[derive(Clone, Debug, Args)]
pub struct ListTenants {
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    pub limit: u32,
}

/// Runs the command; gives the text that tells what was done or found.
pub async fn run(
    identity: &Identity,
    catalogue: &Catalogue,
    command: &TenantCommand,
) -> anyhow::Result<String> {
    match command {
        TenantCommand::Totals(check) => totals::check(identity, &check.tenant, check.repair).await,
        TenantCommand::List(list) => tenants(identity, list.limit).await,
        TenantCommand::Create(new) => {
            let (tenant, installed) = create(identity, catalogue, new).await?;
            let mut text = format!("created the workspace {} at /t/{}", tenant.name, tenant.slug);
            if let Some(installed) = installed {
                let Installed { modules, fields, samples, .. } = installed;
                write!(text, " with {modules} modules, {fields} fields and {samples} sample records")?;
            }
            Ok(text)
        }
    }
}

/// Makes a workspace, from a template where one is named. The template is looked up first, so that a misspelt key
/// leaves nothing behind.
pub async fn create(
    identity: &Identity,
    catalogue: &Catalogue,
    new: &CreateTenant,
) -> anyhow::Result<(Tenant, Option<Installed>)> {
    let template = match &new.template {
        Some(key) => Some(catalogue.get(key).with_context(|| format!("there is no template {key}"))?),
        None => None,
    };
    let owner = identity::user_by_email(identity, &new.owner).await?;
    let Some(owner) = owner else {
        bail!("there is no user {}; make one with trellis user create", new.owner)
    };
    let new_tenant = NewTenant::new("name", &new.name, new.slug.as_deref()).map_err(refused)?;
    let tenant = tenancy::create(identity, &new_tenant, &owner).await?;
    let Some(template) = template else { return Ok((tenant, None)) };
    let entry = Entry { tenant: tenant.id, user: owner.id, session: None, channel: Channel::Cli };
    let installed = install(identity, &entry, template, new.samples).await?;
    Ok((tenant, Some(installed)))
}

async fn install(
    identity: &Identity,
    entry: &Entry,
    template: &template::Template,
    samples: bool,
) -> anyhow::Result<Installed> {
    let caches = Caches::default();
    let mut work = Work::begin(&identity.db, &caches, &identity.clock, entry, Intent::ChangeSchema).await?;
    let installed = template::install(&mut work, template, InstallOptions { samples }).await?;
    work.commit().await?;
    Ok(installed)
}

async fn tenants(identity: &Identity, limit: u32) -> anyhow::Result<String> {
    let tenants = tenancy::list(&identity.db, limit.into()).await?;
    let mut text = String::new();
    for tenant in &tenants {
        let template = tenant.template.as_deref().unwrap_or("-");
        let created = tenant.created_at.format("%Y-%m-%d");
        writeln!(text, "{:<40} {:<9} {template:<14} {created}  {}", tenant.slug, tenant.state, tenant.name)?;
    }
    write!(text, "{} {}", tenants.len(), if tenants.len() == 1 { "workspace" } else { "workspaces" })?;
    Ok(text)
}

fn refused(faults: Vec<InputFault>) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", lines.join("; "))
}
