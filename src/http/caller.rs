//! Who calls: by cookie on pages, by access token on the API, never by both. A [`Caller`] is a person in the workspace
//! that the address names; a [`SignedIn`] is a person alone.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::csrf::CookiesCount;
use super::idempotency::KeyInHand;
use super::{Address, AppState, Problem, ProblemType, cookie};
use crate::blob::FileStore;
use crate::identity::{self, Session, SessionKind, SessionTenant, SigningKeys, TokenHash, User};
use crate::template::Catalogue;
use crate::work::{Channel, Entry, Intent, Work, WorkError};

/// A person in the workspace that the address names.
#[derive(Clone)]
pub struct Caller {
    app: AppState,
    session: Arc<Session>,
    tenant: SessionTenant,
    address: Address,
    key: Option<KeyInHand>,
}

/// A person who has signed in, whichever workspace the session is bound to, if any.
#[derive(Clone)]
pub struct SignedIn {
    /// The session, as the database has it.
    pub session: Arc<Session>,
}

impl Caller {
    /// Who.
    pub fn user(&self) -> &User {
        &self.session.user
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The workspace's part of the address.
    pub fn slug(&self) -> &str {
        &self.tenant.slug
    }

    /// What every link inside the workspace begins with: `/t/{slug}`, or nothing where the host names it.
    pub fn base(&self) -> &str {
        &self.address.base
    }

    /// The keys that seal the cursors of lists.
    pub fn keys(&self) -> &SigningKeys {
        &self.app.identity.keys
    }

    /// Contents of uploaded files.
    pub fn files(&self) -> &dyn FileStore {
        &*self.app.files
    }

    /// Bytes of a file that may be uploaded.
    pub fn file_bytes(&self) -> u64 {
        self.app.settings.file_bytes
    }

    /// The industry templates.
    pub fn catalogue(&self) -> &Catalogue {
        &self.app.catalogue
    }

    /// Opens the tenant's transaction, in which membership and session are checked again. Call it after the body is
    /// read, so that a slow client holds no connection.
    pub async fn begin(&self, intent: Intent) -> Result<Work, Problem> {
        let mut work = self.admitted(intent).await?;
        if let Some(key) = self.key.as_ref().filter(|_| intent != Intent::Read) {
            key.claim(&mut work).await?;
        }
        Ok(work)
    }

    async fn admitted(&self, intent: Intent) -> Result<Work, Problem> {
        let app = &self.app;
        match Work::begin(&app.db, &app.caches, &app.clock, &self.entry(), intent).await {
            Err(WorkError::NotAdmitted) => match self.still_signed_in().await? {
                true => Err(WorkError::NotAdmitted.into()),
                false => Err(Problem::new(ProblemType::Unauthenticated)),
            },
            begun => Ok(begun?),
        }
    }

    fn entry(&self) -> Entry {
        let channel = match self.session.kind {
            SessionKind::Web => Channel::Web,
            SessionKind::Api => Channel::Api,
        };
        Entry {
            tenant: self.tenant.id,
            user: self.session.user.id,
            session: Some(self.session.hash.to_vec()),
            channel,
        }
    }

    async fn still_signed_in(&self) -> Result<bool, Problem> {
        Ok(identity::session(&self.app.identity, &self.session.hash, true).await?.is_some())
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let session = identify(parts, app, false).await?;
        let address = parts.extensions.get::<Address>().cloned().ok_or_else(Problem::not_found)?;
        // A session of another workspace learns nothing, not even whether the one that it names exists.
        let tenant = session.tenant.clone().filter(|tenant| *tenant.slug == *address.slug);
        let tenant = tenant.ok_or_else(Problem::not_found)?;
        let key = parts.extensions.get::<KeyInHand>().cloned();
        Ok(Self { app: app.clone(), session, tenant, address, key })
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        Ok(Self { session: identify(parts, app, true).await? })
    }
}

impl OptionalFromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    /// None for a stranger; a page that greets either way asks for `Option<SignedIn>`.
    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Option<Self>, Problem> {
        match identify(parts, app, true).await {
            Ok(session) => Ok(Some(Self { session })),
            Err(problem) if problem.kind == ProblemType::Unauthenticated => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

/// The session of this request, found by an outer layer a moment ago.
#[derive(Clone)]
pub(super) struct Identified(pub(super) Arc<Session>);

/// The session of a request. With `fresh` the database is asked now.
pub(super) async fn identify(parts: &Parts, app: &AppState, fresh: bool) -> Result<Arc<Session>, Problem> {
    if !fresh && let Some(known) = parts.extensions.get::<Identified>() {
        return Ok(known.0.clone());
    }
    let refused = || Problem::new(ProblemType::Unauthenticated);
    let (hash, kind) = match parts.extensions.get::<CookiesCount>() {
        Some(_) => {
            let token = cookie::token(&app.settings, &parts.headers).ok_or_else(refused)?;
            (token.hash(), SessionKind::Web)
        }
        None => (bearer(&parts.headers, app).await?.ok_or_else(refused)?, SessionKind::Api),
    };
    let session = identity::session(&app.identity, &hash, fresh).await?;
    session.filter(|session| session.kind == kind).ok_or_else(refused)
}

/// The session that an access token speaks for.
async fn bearer(headers: &HeaderMap, app: &AppState) -> Result<Option<TokenHash>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    let Some((scheme, token)) = value.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let claims = app.identity.keys.verify(token.trim(), &app.db, &app.clock).await?;
    Ok(claims.and_then(|claims| claims.session()))
}
