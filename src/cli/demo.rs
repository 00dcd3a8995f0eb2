//! Demo data: a platform admin, and one workspace per industry template with an owner, a worker and sample records.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::installation::Installation;
use crate::config::Settings;
use crate::db::SystemPurpose;
use crate::identity::{self, EmailAddress, NewUser, User, check_name};
use crate::template::{self, InstallOptions, Template};
use crate::tenancy::{self, NewMember, NewTenant};
use crate::work::{Channel, Entry, Intent, Work};

/// What a person needs to sign in to the demo.
pub struct DemoAccounts {
    industries: Vec<String>,
    password: String,
    password_file: PathBuf,
    address: String,
    data_dir: PathBuf,
}

impl fmt::Display for DemoAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nDemo workspaces, one per industry:")?;
        for industry in &self.industries {
            writeln!(f, "  {:<12} {}/t/{industry}/", industry, self.address)?;
        }
        writeln!(f, "Sign in with the password {} as", self.password)?;
        writeln!(f, "  admin@<industry>.demo    owner of the workspace, such as admin@hospital.demo")?;
        writeln!(f, "  worker@<industry>.demo   sees and changes own records only")?;
        writeln!(f, "  platform@trellis.demo    platform admin")?;
        writeln!(f, "The password is kept in {}", self.password_file.display())?;
        writeln!(f, "Data folder: {}", self.data_dir.display())
    }
}

/// Makes what is missing, leaves what is there, and gives all demo accounts the password that holds.
pub async fn seed(installation: &Installation, settings: &Settings) -> anyhow::Result<DemoAccounts> {
    let data_dir = settings.storage.data_dir.clone();
    let (password, is_new) = password(&data_dir, settings)?;
    let accounts = Accounts { installation, password: &password, is_new };
    accounts.ensure("platform@trellis.demo", "Platform Admin", true).await?;
    let mut industries = Vec::new();
    let templates: Vec<_> = installation.catalogue.list().cloned().collect();
    for template in templates {
        let key = template.manifest.key.clone();
        let owner = accounts.ensure(&format!("admin@{key}.demo"), "Asha Admin", false).await?;
        let worker = accounts.ensure(&format!("worker@{key}.demo"), "Wim Worker", false).await?;
        if tenancy::find(&installation.db, &key).await?.is_none() {
            workspace(installation, &template, &owner, &worker).await?;
        }
        industries.push(key);
    }
    Ok(DemoAccounts {
        industries,
        password,
        password_file: password_file(&data_dir),
        address: settings.root_url.as_str().trim_end_matches('/').to_owned(),
        data_dir,
    })
}

fn password_file(data_dir: &Path) -> PathBuf {
    data_dir.join("demo-password")
}

/// The demo password: as given, as kept, or a new one; and whether it differs from what was kept.
fn password(data_dir: &Path, settings: &Settings) -> anyhow::Result<(String, bool)> {
    let file = password_file(data_dir);
    let kept =
        fs::read_to_string(&file).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let given = settings.demo_password.as_ref().map(|secret| secret.reveal().to_owned());
    let password = match (given, &kept) {
        (Some(given), _) => given,
        (None, Some(kept)) => kept.clone(),
        (None, None) => random_password()?,
    };
    let is_new = kept.as_ref() != Some(&password);
    if is_new {
        let mut out =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file)?;
        writeln!(out, "{password}")?;
    }
    Ok((password, is_new))
}

/// Twenty characters that are easy to read aloud: some 99 bits.
fn random_password() -> anyhow::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// The demo accounts, which share one password.
struct Accounts<'a> {
    installation: &'a Installation,
    password: &'a str,
    is_new: bool,
}

impl Accounts<'_> {
    /// The account, made where it is missing; with the new password where there is one.
    async fn ensure(&self, email: &str, name: &str, platform_admin: bool) -> anyhow::Result<User> {
        let identity = &self.installation.identity;
        let tx = identity.db.system(SystemPurpose::SignIn).await?;
        let found = identity::find_user(&tx, email).await?;
        if let Some(stored) = found {
            if self.is_new {
                let hash = identity.hasher.hash(self.password).await?;
                identity::set_password(&tx, stored.user.id, &hash).await?;
                tx.commit().await?;
            }
            return Ok(stored.user);
        }
        let new = NewUser {
            email: email.parse::<EmailAddress>().map_err(|fault| anyhow!(fault.message))?,
            name: check_name("name", name).map_err(|fault| anyhow!(fault.message))?,
            password_hash: identity.hasher.hash(self.password).await?,
            platform_admin,
        };
        let user = identity::add_user(&tx, &new, self.installation.clock.now()).await?;
        tx.commit().await?;
        user.context("the demo account could not be made")
    }
}

async fn workspace(
    installation: &Installation,
    template: &Template,
    owner: &User,
    worker: &User,
) -> anyhow::Result<()> {
    let manifest = &template.manifest;
    let new = NewTenant::new("name", &format!("{} demo", manifest.name), Some(&manifest.key))
        .map_err(|faults| anyhow!("{faults:?}"))?;
    let tenant = tenancy::create(&installation.identity, &new, owner).await?;
    let entry = Entry { tenant: tenant.id, user: owner.id, session: None, channel: Channel::Cli };
    let mut work = Work::begin(
        &installation.db,
        &installation.caches,
        &installation.clock,
        &entry,
        Intent::ChangeSchema,
    )
    .await?;
    let member = NewMember { user: worker, role: "worker", is_owner: false };
    tenancy::add_member(&work.tx, member, installation.clock.now()).await?;
    template::install(&mut work, template, InstallOptions { samples: true })
        .await
        .with_context(|| format!("the template {} could not be installed", manifest.key))?;
    work.commit().await?;
    Ok(())
}
