//! Signing in and out, finding the session of a request, and moving between workspaces.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::session::{NewSession, start};
use super::{
    Attempt, EmailAddress, Identity, PasswordError, RefreshToken, Session, SessionKind, SessionToken,
    TokenHash, User, WorkspaceRow, store,
};
use crate::db::{DbError, SystemPurpose, SystemTx};
use crate::id::UserId;

/// What a person types to sign in.
#[derive(Clone)]
pub struct Credentials {
    /// The e-mail address, as typed.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, or a wrong password; which of them is told to nobody.
    #[error("the e-mail address or the password is wrong")]
    Refused,
    /// Too many failures; the wait after which another attempt is let through.
    #[error("there were too many failed sign-ins")]
    Throttled(Duration),
    /// The password is right, but the person does not belong to the workspace that was named.
    #[error("the person does not belong to this workspace")]
    NotAMember,
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error("the sign-in could not be carried out")]
    Database(#[from] DbError),
}

/// A session that has just started.
#[derive(Debug)]
pub struct Started {
    /// The session's token, which goes into a cookie; for the API it is the first half of `refresh`.
    pub token: SessionToken,
    /// The first refresh token, for the API.
    pub refresh: Option<RefreshToken>,
    /// Who signed in.
    pub user: User,
    /// The slug of the workspace that the session is bound to.
    pub workspace: Option<String>,
}

/// Checks credentials and starts a session. It is bound to the workspace named by its slug, else to the only one that
/// the person belongs to, else to none. Takes equally long for a wrong password and an unknown account.
pub async fn sign_in(
    identity: &Identity,
    credentials: &Credentials,
    kind: SessionKind,
    workspace: Option<&str>,
    address: Option<IpAddr>,
) -> Result<Started, SignInError> {
    let attempt = match identity.admit(&credentials.email, address).await? {
        Ok(attempt) => attempt,
        Err(wait) => return Err(SignInError::Throttled(wait)),
    };
    let email = EmailAddress::stored_form(&credentials.email);
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    let stored = store::find_user(&tx, &email).await?;
    drop(tx);
    let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
    let right = match identity.hasher.verify(&credentials.password, hash).await {
        Ok(right) => right,
        Err(error) => {
            forgive(identity, &attempt).await?;
            return Err(error.into());
        }
    };
    let Some(stored) = stored.filter(|_| right) else { return Err(SignInError::Refused) };

    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    attempt.succeeded(&tx).await?;
    let workspace = match choose(&tx, stored.user.id, workspace).await? {
        Ok(workspace) => workspace,
        Err(NotAMember) => {
            tx.commit().await?;
            return Err(SignInError::NotAMember);
        }
    };
    let started = begin(&tx, identity, stored.user, kind, workspace).await?.ok_or(SignInError::Refused)?;
    tx.commit().await?;
    Ok(started)
}

/// An attempt that nobody had the time to check does not count.
async fn forgive(identity: &Identity, attempt: &Attempt) -> Result<(), DbError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    attempt.forgotten(&tx).await?;
    tx.commit().await
}

struct NotAMember;

/// The workspace for a new session: the one that is named, or the only one.
async fn choose(
    tx: &SystemTx,
    user: UserId,
    slug: Option<&str>,
) -> Result<Result<Option<WorkspaceRow>, NotAMember>, DbError> {
    let mut all = store::workspaces(tx, user).await?;
    Ok(match slug {
        Some(slug) => all.into_iter().find(|w| w.slug == slug).map(Some).ok_or(NotAMember),
        None if all.len() == 1 => Ok(all.pop()),
        None => Ok(None),
    })
}

/// Starts a session in an open transaction; None when the user is no longer active.
pub(crate) async fn begin(
    tx: &SystemTx,
    identity: &Identity,
    user: User,
    kind: SessionKind,
    workspace: Option<WorkspaceRow>,
) -> Result<Option<Started>, DbError> {
    let secret = SessionToken::random();
    let secret_hash = secret.hash();
    let now = identity.clock.now();
    let new = NewSession {
        kind,
        tenant: workspace.as_ref().map(|workspace| workspace.tenant),
        refresh_hash: (kind == SessionKind::Api).then_some(&secret_hash),
        created_at: now,
        now,
    };
    let token = start(tx, user.id, new).await?;
    Ok(token.map(|token| Started {
        refresh: (kind == SessionKind::Api).then(|| RefreshToken::new(token.clone(), secret)),
        token,
        user,
        workspace: workspace.map(|workspace| workspace.slug),
    }))
}

/// The session with this hash, if it holds. With `fresh` the database is asked in any case; otherwise an answer of the
/// last five seconds is good enough, which is right only where [`crate::work::Work::begin`] follows.
pub async fn session(
    identity: &Identity,
    hash: &TokenHash,
    fresh: bool,
) -> Result<Option<Arc<Session>>, DbError> {
    let now = identity.clock.now();
    if !fresh && let Some(session) = identity.sessions.get(hash).await.filter(|known| known.expires_at > now)
    {
        return Ok(Some(session));
    }
    let tx = identity.db.system(SystemPurpose::FindTenant).await?;
    let Some(found) = store::find_session(&tx, hash, now).await? else {
        identity.sessions.forget(hash).await;
        return Ok(None);
    };
    if found.unnoted {
        store::touch_session(&tx, &found.session, now).await?;
        tx.commit().await?;
    }
    let session = Arc::new(found.session);
    identity.sessions.put(session.clone()).await;
    Ok(Some(session))
}

/// Ends a session.
pub async fn sign_out(identity: &Identity, hash: &TokenHash) -> Result<(), DbError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    store::end_session(&tx, hash).await?;
    tx.commit().await?;
    identity.sessions.forget(hash).await;
    Ok(())
}

/// Binds a web session to another of the person's workspaces. The token changes; the session's age goes on.
pub async fn switch_tenant(
    identity: &Identity,
    session: &Session,
    slug: &str,
) -> Result<SessionToken, SignInError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    let workspace = match choose(&tx, session.user.id, Some(slug)).await? {
        Ok(workspace) => workspace,
        Err(NotAMember) => return Err(SignInError::NotAMember),
    };
    if !store::end_session(&tx, &session.hash).await? {
        return Err(SignInError::Refused);
    }
    let new = NewSession {
        kind: session.kind,
        tenant: workspace.map(|workspace| workspace.tenant),
        refresh_hash: None,
        created_at: session.created_at,
        now: identity.clock.now(),
    };
    let token = start(&tx, session.user.id, new).await?.ok_or(SignInError::Refused)?;
    tx.commit().await?;
    identity.sessions.forget(&session.hash).await;
    Ok(token)
}

/// Ends every session of a user, on every node: after a change of password or role, or when the person leaves. Nodes
/// that remember a session for some seconds are refused by the tenant's transaction.
pub async fn end_all_sessions(identity: &Identity, user: UserId) -> Result<(), DbError> {
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    store::end_sessions(&tx, user).await?;
    tx.commit().await
}
