//! Makes a workspace. The row of the control plane comes first, in the state `pending`; what belongs to the tenant
//! follows in a transaction of the tenant, which also makes it `active`. What fails in between is given up.

use super::membership::NewMember;
use super::{check_slug, store, suggest_slug};
use crate::db::{DbError, SystemPurpose, SystemTx};
use crate::id::TenantId;
use crate::identity::{Identity, InputFault, User, check_name};

/// A workspace about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTenant {
    name: String,
    slug: Option<String>,
}

/// A workspace that was made.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its part of the address.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

/// Why a workspace could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateTenantError {
    /// Name or slug are not accepted.
    #[error("the workspace's name or slug is not accepted")]
    Invalid(Vec<InputFault>),
    /// Another workspace has the slug.
    #[error("another workspace has this slug")]
    SlugTaken,
    /// The database failed.
    #[error("the workspace could not be made")]
    Database(#[from] DbError),
}

/// How many suggestions for a slug are tried.
const SUGGESTIONS: usize = 200;

impl NewTenant {
    /// Checks a name (called `name_field` in faults) and a slug; without one, a free one is made from the name.
    pub fn new(name_field: &'static str, name: &str, slug: Option<&str>) -> Result<Self, Vec<InputFault>> {
        let slug = slug.map(str::trim).filter(|slug| !slug.is_empty());
        let faults = slug.and_then(|slug| check_slug(slug).err());
        match (check_name(name_field, name), faults) {
            (Ok(name), None) => Ok(Self { name, slug: slug.map(str::to_owned) }),
            (name, slug) => Err(name.err().into_iter().chain(slug).collect()),
        }
    }
}

/// Makes a workspace for an owner who exists.
pub async fn create(identity: &Identity, new: &NewTenant, owner: &User) -> Result<Tenant, CreateTenantError> {
    let tx = identity.db.system(SystemPurpose::Provision).await?;
    let tenant = reserve(&tx, identity, new, owner).await?;
    tx.commit().await?;
    finish(identity, &tenant, owner).await?;
    Ok(tenant)
}

/// Adds the row of the control plane, in the state `pending`.
pub(super) async fn reserve(
    tx: &SystemTx,
    identity: &Identity,
    new: &NewTenant,
    owner: &User,
) -> Result<Tenant, CreateTenantError> {
    let slug = match &new.slug {
        Some(slug) => slug.clone(),
        None => free_slug(tx, &new.name).await?,
    };
    let id = store::add_pending(tx, &slug, &new.name, owner.id, identity.clock.now()).await;
    let id = id.map_err(|error| match error.violates_unique("tenants_slug_key") {
        true => CreateTenantError::SlugTaken,
        false => error.into(),
    })?;
    Ok(Tenant { id, slug, name: new.name.clone() })
}

async fn free_slug(tx: &SystemTx, name: &str) -> Result<String, CreateTenantError> {
    let suggestions: Vec<String> = (1..=SUGGESTIONS).map(|attempt| suggest_slug(name, attempt)).collect();
    let taken = store::taken_slugs(tx, &suggestions).await?;
    suggestions.into_iter().find(|slug| !taken.contains(slug)).ok_or(CreateTenantError::SlugTaken)
}

/// Puts into the tenant what belongs to it from the start, its owner among it, and makes it active.
pub(super) async fn finish(
    identity: &Identity,
    tenant: &Tenant,
    owner: &User,
) -> Result<(), CreateTenantError> {
    let Err(error) = fill(identity, tenant, owner).await else { return Ok(()) };
    let given_up = async {
        let tx = identity.db.system(SystemPurpose::Provision).await?;
        store::abandon(&tx, tenant.id).await?;
        tx.commit().await
    };
    if let Err(second) = given_up.await {
        tracing::warn!(tenant.slug, error = %second, "the half-made workspace {} could not be given up", tenant.slug);
    }
    Err(error.into())
}

async fn fill(identity: &Identity, tenant: &Tenant, owner: &User) -> Result<(), DbError> {
    let tx = identity.db.tenant(tenant.id).await?;
    store::activate(&tx).await?;
    let member = NewMember { user: owner, role: "admin", is_owner: true };
    store::put_member(&tx, &member, identity.clock.now()).await?;
    tx.commit().await
}
