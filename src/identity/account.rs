//! Accounts made and kept by whoever runs the installation.

use super::{EmailAddress, Identity, NewUser, PasswordError, User, store};
use crate::db::{DbError, SystemPurpose};

/// Why an account could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
    /// The user with this address is there, and was deactivated.
    #[error("the user {0} exists but is not active")]
    Inactive(String),
    /// The database failed.
    #[error("the account could not be stored")]
    Database(#[from] DbError),
}

/// Makes a user, or finds the one who has the address; says whether the user is new. Name and password were checked by
/// [`super::check_name`] and [`super::check_password`]. A user who exists keeps name and password.
pub async fn create_user(
    identity: &Identity,
    email: EmailAddress,
    name: String,
    password: &str,
    platform_admin: bool,
) -> Result<(User, bool), AccountError> {
    if let Some(user) = user_by_email(identity, email.as_str()).await? {
        return Ok((user, false));
    }
    let password_hash = identity.hasher.hash(password).await?;
    let new = NewUser { email, name, password_hash, platform_admin };
    let tx = identity.db.system(SystemPurpose::Provision).await?;
    let added = store::add_user(&tx, &new, identity.clock.now()).await?;
    tx.commit().await?;
    let user = added.ok_or_else(|| AccountError::Inactive(new.email.as_str().to_owned()))?;
    Ok((user, true))
}

/// The active user with an address, however it is written.
pub async fn user_by_email(identity: &Identity, email: &str) -> Result<Option<User>, DbError> {
    let tx = identity.db.system(SystemPurpose::Operate).await?;
    let stored = store::find_user(&tx, &EmailAddress::stored_form(email)).await?;
    Ok(stored.map(|stored| stored.user))
}

/// Gives a user a new password, checked by [`super::check_password`], and ends every session of theirs.
pub async fn change_password(identity: &Identity, user: &User, password: &str) -> Result<(), AccountError> {
    let hash = identity.hasher.hash(password).await?;
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    store::set_password(&tx, user.id, &hash).await?;
    store::end_sessions(&tx, user.id).await?;
    tx.commit().await?;
    Ok(())
}
