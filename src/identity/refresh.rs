//! Refresh tokens of the API. A token has two halves: the first names the session and stays, the second changes with
//! every use. Whoever shows a second half that was used before holds a stolen copy, or was robbed of one: the session
//! ends for both.

use std::sync::Arc;

use super::{Identity, Session, SessionToken, session, store};
use crate::db::{DbError, SystemPurpose};

/// A refresh token: `<session>.<secret>`.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    session: SessionToken,
    secret: SessionToken,
}

impl RefreshToken {
    pub(super) fn new(session: SessionToken, secret: SessionToken) -> Self {
        Self { session, secret }
    }

    /// Reads the text form; None for anything that is not exactly one.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        Some(Self { session: SessionToken::parse(session)?, secret: SessionToken::parse(secret)? })
    }

    /// The text form: 87 characters.
    pub fn text(&self) -> String {
        format!("{}.{}", self.session.text(), self.secret.text())
    }
}

/// Why a refresh failed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is unknown, expired, or was used before.
    #[error("the refresh token no longer holds")]
    Refused,
    /// The database failed.
    #[error("the session could not be refreshed")]
    Database(#[from] DbError),
}

/// Exchanges a refresh token for the next one.
pub async fn refresh(
    identity: &Identity,
    token: &RefreshToken,
) -> Result<(Arc<Session>, RefreshToken), RefreshError> {
    let hash = token.session.hash();
    let next = SessionToken::random();
    let now = identity.clock.now();
    let tx = identity.db.system(SystemPurpose::SignIn).await?;
    let rotated = store::rotate(&tx, &hash, &token.secret.hash(), &next.hash(), now).await?;
    if !rotated {
        if store::end_session(&tx, &hash).await? {
            tracing::warn!("a refresh token was used twice or too late; its session has ended");
        }
        tx.commit().await?;
        identity.sessions.forget(&hash).await;
        return Err(RefreshError::Refused);
    }
    tx.commit().await?;
    let session = session(identity, &hash, true).await?.ok_or(RefreshError::Refused)?;
    Ok((session, RefreshToken { session: token.session.clone(), secret: next }))
}
