//! Makes a workspace of a template: modules, pipelines, roles and, if wanted, the demo records, in the transaction of
//! the caller's [`Work`]. Either all of it lasts or nothing.

use serde_json::{Map, Value, json};

use super::samples::{self, SampleFault};
use super::{Template, store};
use crate::access::store::put as put_role;
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::schema::change::add_modules;
use crate::schema::options::add_sets;
use crate::schema::{self, Origin, SchemaError};
use crate::tenancy::AppliedTemplate;
use crate::work::{Channel, Work};

/// What to install besides the structure.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstallOptions {
    /// The demo records.
    pub samples: bool,
}

/// What was installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Installed {
    /// How many modules.
    pub modules: usize,
    /// How many fields.
    pub fields: usize,
    /// How many pipelines.
    pub pipelines: usize,
    /// How many roles.
    pub roles: usize,
    /// How many demo records.
    pub samples: usize,
}

/// Why a template could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Only an owner chooses what a workspace is made of.
    #[error("only an owner of the workspace may apply a template")]
    NotOwner,
    /// A workspace is made from one template.
    #[error("the workspace is already made from the template {0}")]
    Applied(String),
    /// The modules were refused.
    #[error("the modules of the template could not be added")]
    Schema(#[from] SchemaError),
    /// A demo record was refused.
    #[error("a sample record of the template was refused")]
    Sample(#[from] SampleFault),
    /// The database failed.
    #[error("the template could not be installed")]
    Database(#[from] DbError),
}

/// Installs a template into an empty workspace. `work` was begun with [`crate::work::Intent::ChangeSchema`]; when
/// this returns Ok it has the new schema, and the caller commits.
pub async fn install(
    work: &mut Work,
    template: &Template,
    options: InstallOptions,
) -> Result<Installed, InstallError> {
    if !work.actor.is_owner() {
        return Err(InstallError::NotOwner);
    }
    if let Some(applied) = &work.workspace.template {
        return Err(InstallError::Applied(applied.key.clone()));
    }
    let channel = std::mem::replace(&mut work.channel, Channel::Template);
    let done = write(work, template, options).await;
    work.channel = channel;
    let samples = done?;
    Ok(Installed {
        modules: template.modules.len(),
        fields: template.modules.iter().map(|module| module.fields.len()).sum(),
        pipelines: template.pipelines.len(),
        roles: template.roles.len(),
        samples,
    })
}

async fn write(work: &mut Work, template: &Template, options: InstallOptions) -> Result<usize, InstallError> {
    let manifest = &template.manifest;
    store::adopt(&work.tx, manifest).await?;
    for role in &template.roles {
        put_role(&work.tx, role, Origin::Template.word()).await?;
    }
    add_sets(&work.tx, &work.schema, &template.option_sets, Origin::Template).await?;
    work.schema = schema::uncached(&work.tx).await?.into();
    add_modules(&work.tx, &work.schema, &template.modules, &template.pipelines, Origin::Template).await?;
    work.schema = schema::uncached(&work.tx).await?.into();
    work.workspace.locale = manifest.locale();
    work.workspace.template =
        Some(AppliedTemplate { key: manifest.key.clone(), version: manifest.version.clone() });
    audit::append(work, &entry(template)).await?;
    if !options.samples {
        return Ok(0);
    }
    Ok(samples::write(work, template).await?)
}

fn entry(template: &Template) -> NewEntry {
    let applied = json!({
        "key": template.manifest.key,
        "version": template.manifest.version,
        "content_hash": template.content_hash,
    });
    let changes = Map::from_iter([("template".to_owned(), json!({ "from": Value::Null, "to": applied }))]);
    NewEntry { action: Action::TemplateApplied, module: None, record: None, version: None, changes }
}
