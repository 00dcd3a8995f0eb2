//! Signing up: a new person with a new workspace, signed in at once.

use std::net::IpAddr;
use std::time::Duration;

use super::create::{self, CreateTenantError, NewTenant, Tenant};
use crate::db::{DbError, SystemPurpose};
use crate::identity::{
    Attempt, EmailAddress, Identity, InputFault, NewUser, PasswordError, SessionKind, Started, User,
    WorkspaceRow, add_user, check_name, check_password,
};

/// What a person types to sign up.
#[derive(Clone)]
pub struct SignUp {
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// What the workspace will be called.
    pub company: String,
    /// The workspace's part of the address; made from the company's name where it is missing.
    pub slug: Option<String>,
}

/// Why a sign-up failed.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// There is an account with this address. Until mail is sent the answer cannot hide this wholly; it does not say
    /// so, takes as long as a success, and counts as a failed attempt of the address and the account.
    #[error("the account could not be made")]
    Refused,
    /// Too many attempts; the wait after which another one is let through.
    #[error("there were too many attempts")]
    Throttled(Duration),
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
    /// The input is not accepted, or the workspace could not be made.
    #[error("the workspace could not be made")]
    Tenant(#[from] CreateTenantError),
    /// The database failed.
    #[error("the sign-up could not be carried out")]
    Database(#[from] DbError),
}

/// Makes an account and its workspace, and starts a session in it.
pub async fn sign_up(
    identity: &Identity,
    request: &SignUp,
    kind: SessionKind,
    address: Option<IpAddr>,
) -> Result<Started, SignUpError> {
    let (email, name, new) = check(request).map_err(CreateTenantError::Invalid)?;
    let attempt = match identity.admit(email.as_str(), address).await? {
        Ok(attempt) => attempt,
        Err(wait) => return Err(SignUpError::Throttled(wait)),
    };
    let password_hash = identity.hasher.hash(&request.password).await?;
    let user = NewUser { email, name, password_hash, platform_admin: false };

    let tx = identity.db.system(SystemPurpose::Provision).await?;
    let added = add_user(&tx, &user, identity.clock.now()).await?;
    let Some(owner) = added else { return Err(SignUpError::Refused) };
    let tenant = match create::reserve(&tx, identity, &new, &owner).await {
        Err(CreateTenantError::SlugTaken) => {
            drop(tx);
            forgive(identity, &attempt).await?;
            return Err(CreateTenantError::SlugTaken.into());
        }
        reserved => reserved?,
    };
    attempt.succeeded(&tx).await?;
    tx.commit().await?;

    create::finish(identity, &tenant, &owner).await?;
    enter(identity, owner, tenant, kind).await
}

/// A slug that is taken is no attempt on an account.
async fn forgive(identity: &Identity, attempt: &Attempt) -> Result<(), SignUpError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    attempt.forgotten(&tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn enter(
    identity: &Identity,
    owner: User,
    tenant: Tenant,
    kind: SessionKind,
) -> Result<Started, SignUpError> {
    let workspace = WorkspaceRow {
        tenant: tenant.id,
        slug: tenant.slug,
        name: tenant.name,
        role: "admin".into(),
        is_owner: true,
    };
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    let started = crate::identity::begin(&tx, identity, owner, kind, Some(workspace)).await?;
    tx.commit().await?;
    started.ok_or(SignUpError::Refused)
}

/// Every fault of the input at once.
fn check(request: &SignUp) -> Result<(EmailAddress, String, NewTenant), Vec<InputFault>> {
    let name = check_name("name", &request.name);
    let email = request.email.parse::<EmailAddress>();
    let password = check_password(&request.password, &request.email);
    let tenant = NewTenant::new("company", &request.company, request.slug.as_deref());
    match (name, email, password, tenant) {
        (Ok(name), Ok(email), Ok(()), Ok(tenant)) => Ok((email, name, tenant)),
        (name, email, password, tenant) => {
            let own = name.err().into_iter().chain(email.err()).chain(password.err());
            Err(own.chain(tenant.err().into_iter().flatten()).collect())
        }
    }
}
