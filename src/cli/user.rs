//! `trellis user create`: people who can sign in, made by whoever runs the installation.

use std::io::{self, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use crate::identity::{EmailAddress, Identity, User, check_name, check_password, create_user};
use crate::tenancy::{self, NewMember};

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a user, or add one who exists to a workspace
    Create(CreateUser),
}

/// A user about to be made.
#[derive(Clone, Debug, Default, Args)]
pub struct CreateUser {
    /// E-mail address, with which the person signs in
    #[arg(long)]
    pub email: String,
    /// What people read
    #[arg(long)]
    pub name: String,
    /// Read the password from standard input; otherwise one is made and printed
    #[arg(long)]
    pub password_stdin: bool,
    /// Slug of a workspace that the person becomes a member of
    #[arg(long, value_name = "SLUG")]
    pub tenant: Option<String>,
    /// Key of the role in the workspace
    #[arg(long, value_name = "KEY", default_value = "worker", requires = "tenant")]
    pub role: String,
    /// May operate the installation
    #[arg(long)]
    pub platform_admin: bool,
}

/// Runs the command; gives the line that tells what was done.
pub async fn run(identity: &Identity, command: &UserCommand) -> anyhow::Result<String> {
    let UserCommand::Create(new) = command;
    let given = new.password_stdin.then(read_password).transpose()?;
    let password = given.clone().unwrap_or_else(made_password);
    let created = create(identity, new, &password).await?;
    let mut told = match (created, given) {
        (false, _) => format!("{} existed already and keeps name and password", new.email),
        (true, Some(_)) => format!("created {}", new.email),
        (true, None) => format!("created {} with the password {password}", new.email),
    };
    if let Some(tenant) = &new.tenant {
        told += &format!("; now a member of {tenant} with the role {}", new.role);
    }
    Ok(told)
}

/// Makes the user, unless there is one with the address, and the membership. True when the user is new.
pub async fn create(identity: &Identity, new: &CreateUser, password: &str) -> anyhow::Result<bool> {
    let email: EmailAddress = new.email.parse()?;
    let name = check_name("name", &new.name)?;
    check_password(password, email.as_str())?;
    let tenant = match &new.tenant {
        Some(slug) => Some(tenancy::find(&identity.db, slug).await?.context("there is no such workspace")?),
        None => None,
    };
    let (user, is_new) = create_user(identity, email, name, password, new.platform_admin).await?;
    if new.platform_admin && !user.platform_admin {
        bail!("{} exists already and is no platform admin; use another address", user.email);
    }
    if let Some(tenant) = tenant {
        join(identity, &tenant, &user, &new.role).await?;
    }
    Ok(is_new)
}

async fn join(
    identity: &Identity,
    tenant: &tenancy::TenantRow,
    user: &User,
    role: &str,
) -> anyhow::Result<()> {
    let tx = identity.db.tenant(tenant.id).await?;
    let member = NewMember { user, role, is_owner: false };
    if !tenancy::add_member(&tx, member, identity.clock.now()).await? {
        bail!("the workspace {} has no role {role}", tenant.slug);
    }
    tx.commit().await?;
    Ok(())
}

/// The first line of standard input, of which no more than a password's length is read.
fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin().take(1024).read_to_string(&mut text).context("the password could not be read")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// 128 random bits or more, in letters that are easily copied.
fn made_password() -> String {
    crate::identity::SessionToken::random().text()[..22].to_owned()
}
