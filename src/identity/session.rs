//! Sessions: a random token in the person's hands, its hash in the database, an end by idleness and an end by age.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::{store, user::User};
use crate::db::{DbError, SystemTx};
use crate::id::{TenantId, UserId};

/// A session ends when it was not used for so long.
pub(super) const IDLE: TimeDelta = TimeDelta::days(30);
/// A session ends at this age, used or not.
pub(super) const AGE: TimeDelta = TimeDelta::days(90);
/// Use is noted at most this often.
pub(super) const NOTED: TimeDelta = TimeDelta::minutes(5);

/// SHA-256 of a session's token; this is what the database keeps.
pub type TokenHash = [u8; 32];

/// What the person holds: 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// A new token from the operating system's random source.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// Reads the text form; None for anything that is not exactly one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text form: 43 characters of URL-safe base64.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database knows it by.
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0).into()
    }
}

impl std::fmt::Debug for SessionToken {
    /// Never shows the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// 256 bits from the operating system. Without a random source no secret can be made, so nothing may go on.
pub(super) fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes,
        Err(error) => unreachable!("the operating system gives no random bytes: {error}"),
    }
}

/// How a session is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser's cookie.
    Web,
    /// Access tokens and their refresh token.
    Api,
}

impl SessionKind {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
        }
    }
}

/// A session that holds, as the database had it a few seconds ago at most.
#[derive(Clone, Debug)]
pub struct Session {
    /// The hash of its token.
    pub hash: TokenHash,
    /// How it is used.
    pub kind: SessionKind,
    /// Whose it is.
    pub user: User,
    /// The workspace it is bound to; None until one is chosen.
    pub tenant: Option<SessionTenant>,
    /// When it began; its age counts from here, over all changes of workspace.
    pub created_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
}

/// The workspace of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTenant {
    /// Its id.
    pub id: TenantId,
    /// Its part of the address.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

/// When a session ends that began at `created_at` and is used now.
pub(super) fn end_of(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + IDLE).min(created_at + AGE)
}

/// Starts a session for a user with a new token. The oldest sessions end where there would be too many. None when the
/// user is no longer active.
pub(crate) async fn start(
    tx: &SystemTx,
    user: UserId,
    new: NewSession<'_>,
) -> Result<Option<SessionToken>, DbError> {
    let token = SessionToken::random();
    let stored = store::add_session(tx, user, &token.hash(), &new).await?;
    Ok(stored.then_some(token))
}

/// A session about to start.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// How it will be used.
    pub kind: SessionKind,
    /// The workspace it is bound to.
    pub tenant: Option<TenantId>,
    /// Of the secret half of the first refresh token, for the API.
    pub refresh_hash: Option<&'a TokenHash>,
    /// From when its age counts.
    pub created_at: DateTime<Utc>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Sessions seen within the last seconds. Only sessions with a workspace are kept, because for those
/// [`crate::work::Work::begin`] asks the database again inside the tenant's transaction.
#[derive(Clone)]
pub struct SessionCache(Cache<TokenHash, Arc<Session>>);

impl Default for SessionCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(5)).build())
    }
}

impl SessionCache {
    pub(super) async fn get(&self, hash: &TokenHash) -> Option<Arc<Session>> {
        self.0.get(hash).await
    }

    pub(super) async fn put(&self, session: Arc<Session>) {
        if session.tenant.is_some() {
            self.0.insert(session.hash, session).await;
        }
    }

    pub(super) async fn forget(&self, hash: &TokenHash) {
        self.0.invalidate(hash).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_and_only_its_own() {
        let token = SessionToken::random();
        assert_eq!(SessionToken::parse(&token.text()), Some(token.clone()));
        assert_ne!(SessionToken::random(), token);
        for refused in ["", "abc", &format!("{}A", token.text()), &"=".repeat(43), "ü"] {
            assert_eq!(SessionToken::parse(refused), None);
        }
    }
}
