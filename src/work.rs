//! Everything that one request or job may hold: a transaction inside one tenant, the actor with today's role, the
//! tenant's schema as it is in this very transaction, and the time.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_postgres::Row;

use crate::access::{Actor, RoleCache};
use crate::clock::Clock;
use crate::db::{Db, DbError, TenantTx};
use crate::id::{TenantId, UserId};
use crate::schema::{Schema, SchemaCache, SchemaError};
use crate::tenancy::Workspace;

/// Who wants to work in which tenant. Made from rows of the control plane only (a session, or the command line's
/// look-up); whether it still holds is decided by [`Work::begin`], inside the tenant's transaction.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    /// SHA-256 of the session's token; None for the command line, which needs none.
    pub(crate) session: Option<Vec<u8>>,
    /// How the work came in.
    pub(crate) channel: Channel,
}

/// How work comes in; history shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A page.
    Web,
    /// The JSON API.
    Api,
    /// The command line.
    Cli,
    /// An import.
    Import,
    /// A template's install, sample records among it.
    Template,
    /// What the engine does itself, such as converting values.
    System,
}

impl Channel {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::Template => "template",
            Self::System => "system",
        }
    }

    /// The channel of a stored word; None for a word that no channel has.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Web, Self::Api, Self::Cli, Self::Import, Self::Template]
            .into_iter()
            .find(|own| own.word() == word)
    }
}

/// What the work is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Read only.
    Read,
    /// Write records: the schema may not change until the transaction ends.
    Write,
    /// Change the schema: waits for writers, and later ones see the new version.
    ChangeSchema,
}

/// What is compiled from a tenant's metadata, kept by (tenant, version).
#[derive(Clone, Default)]
pub struct Caches {
    /// Modules.
    pub schemas: SchemaCache,
    /// Roles.
    pub roles: RoleCache,
}

/// A tenant's transaction with everything needed to use it.
pub struct Work {
    /// The transaction.
    pub tx: TenantTx,
    /// On whose behalf.
    pub actor: Actor,
    /// The tenant's name, locale and template.
    pub workspace: Workspace,
    /// The tenant's modules, as of this transaction.
    pub schema: Arc<Schema>,
    /// The time.
    pub clock: Clock,
    /// How the work came in.
    pub channel: Channel,
    /// Where the transaction waits for its answer, if the request is one that may come twice.
    pub(crate) deferred: Option<Deferred>,
}

/// A place for a transaction that is complete but for the answer that is to be kept with it. Whoever made the place
/// commits.
#[derive(Clone, Default)]
pub struct Deferred(Arc<Mutex<Option<TenantTx>>>);

impl Deferred {
    /// The transaction, once the work is done.
    pub(crate) fn take(&self) -> Option<TenantTx> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, tx: TenantTx) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tx);
    }
}

/// Why no work could begin.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The session has ended, or the person is no longer a member.
    #[error("the session is no longer valid in this workspace")]
    NotAdmitted,
    /// The tenant is pending, suspended or deleted.
    #[error("the workspace is not active")]
    Inactive,
    /// The tenant's schema could not be loaded.
    #[error("the workspace's schema could not be loaded")]
    Schema(#[from] SchemaError),
    /// The database failed.
    #[error("the work could not begin")]
    Database(#[from] DbError),
}

macro_rules! admit {
    ($lock:literal) => {
        concat!(
            "select t.name, t.slug, t.state, t.template_key, t.template_version, t.currency, t.country, t.timezone,
                    t.locale, s.version, m.name as member_name, m.email, m.role, m.is_owner
             from tenants t
             join schema_versions s on s.tenant_id = $1
             join memberships m on m.tenant_id = $1 and m.user_id = $2 and m.active
             where t.id = $1 and ($3::bytea is null or exists (
               select from sessions x
               where x.tenant_id = $1 and x.token_hash = $3 and x.user_id = $2 and x.expires_at > $4))",
            $lock
        )
    };
}

impl Work {
    /// Opens a transaction in the tenant and checks, inside it, that the entry still holds: the session exists, the
    /// membership is active, the workspace too. Sends one message and waits for one answer.
    pub async fn begin(
        db: &Db,
        caches: &Caches,
        clock: &Clock,
        entry: &Entry,
        intent: Intent,
    ) -> Result<Self, WorkError> {
        let tx = db.tenant(entry.tenant).await?;
        let statement = match intent {
            Intent::Read => admit!(""),
            Intent::Write => admit!(" for share of s"),
            // The tenant's row too: whoever waited must see the template that the other one applied.
            Intent::ChangeSchema => admit!(" for update of s for no key update of t"),
        };
        let row = tx
            .query_opt(statement, &[&entry.tenant, &entry.user, &entry.session, &clock.now()])
            .await?
            .ok_or(WorkError::NotAdmitted)?;
        if row.get::<_, String>("state") != "active" {
            return Err(WorkError::Inactive);
        }
        let version = row.get("version");
        let schema = caches.schemas.get(&tx, version).await?;
        let actor = actor(&tx, caches, version, entry.user, &row).await?;
        let workspace = Workspace::from_row(entry.tenant, &row);
        Ok(Self {
            tx,
            actor,
            workspace,
            schema,
            clock: clock.clone(),
            channel: entry.channel,
            deferred: None,
        })
    }

    /// Makes the work last; where it waits for its answer, together with that.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.deferred {
            Some(place) => {
                place.put(self.tx);
                Ok(())
            }
            None => self.tx.commit().await,
        }
    }
}

async fn actor(
    tx: &TenantTx,
    caches: &Caches,
    version: i64,
    user: UserId,
    row: &Row,
) -> Result<Actor, DbError> {
    let is_owner: bool = row.get("is_owner");
    let role = match is_owner {
        true => None,
        false => caches.roles.get(tx, version).await?.get(row.get::<_, &str>("role")).cloned(),
    };
    Ok(Actor::member(user, row.get("member_name"), row.get("email"), is_owner, role))
}
