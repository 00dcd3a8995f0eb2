//! `trellis tenant create|list`: workspaces, made by whoever runs the installation.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::installation::InstallationArgs;
use crate::identity::{self, Identity, InputFault};
use crate::template::{self, Catalogue, InstallOptions, Installed};
use crate::tenancy::{self, NewTenant};
use crate::work::{Caches, Channel, Entry, Intent, Work};

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Create a workspace for a user who exists
    Create {
        #[command(flatten)]
        new: CreateTenant,
        #[command(flatten)]
        installation: InstallationArgs,
    },
    /// List workspaces
    List {
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: u32,
        #[command(flatten)]
        installation: InstallationArgs,
    },
}

impl TenantCommand {
    /// Opens the installation, does it, and tells what was done or found.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Create { new, installation } => installation.run(async |installation| {
                println!("{}", create(&installation.identity, &installation.catalogue, &new).await?);
                Ok(ExitCode::SUCCESS)
            }),
            Self::List { limit, installation } => installation.run(async |installation| {
                println!("{}", list(&installation.identity, limit).await?);
                Ok(ExitCode::SUCCESS)
            }),
        }
    }
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

/// Makes a workspace, from a template where one is named, and tells of it. The template is looked up first, so that a
/// misspelt key leaves nothing behind.
pub async fn create(
    identity: &Identity,
    catalogue: &Catalogue,
    new: &CreateTenant,
) -> anyhow::Result<String> {
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
    let mut told = format!("created the workspace {} at /t/{}", tenant.name, tenant.slug);
    if let Some(template) = template {
        let entry = Entry { tenant: tenant.id, user: owner.id, session: None, channel: Channel::Cli };
        let Installed { modules, fields, samples, .. } =
            install(identity, &entry, template, new.samples).await?;
        write!(told, " with {modules} modules, {fields} fields and {samples} sample records")?;
    }
    Ok(told)
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

/// Tells of every workspace: slug, state, template, day and name, a line each, and how many there are.
pub async fn list(identity: &Identity, limit: u32) -> anyhow::Result<String> {
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
