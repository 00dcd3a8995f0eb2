//! Everything that one request or job may hold: a transaction inside one tenant, the actor with today's role, the
//! tenant's schema as it is in this very transaction, and the time.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio_postgres::Row;

use crate::access::{Actor, Role, RoleCache, Standing, store};
use crate::clock::Clock;
use crate::db::{Db, DbError, TenantTx};
use crate::field::Locale;
use crate::id::{TeamId, TenantId, UserId};
use crate::schema::{self, Schema, SchemaCache, SchemaError};
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
    /// The tenant's modules, as of this transaction, as far as the actor may know of them.
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
                    t.locale, s.version, m.name as member_name, m.email, m.role, m.is_owner, m.team_id,
                    not m.is_owner and exists (
                      select from record_shares g where g.tenant_id = $1 and g.grantee = any (array[
                        'user:' || m.user_id::text, 'role:' || m.role, 'team:' || m.team_id::text])) as has_shares
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
        let (actor, schema) = actor(&tx, caches, schema, entry.user, &row).await?;
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

    /// Reads the schema again, after this very transaction has changed it.
    pub async fn reload(&mut self) -> Result<(), SchemaError> {
        self.schema = self.actor.sees(Arc::new(schema::uncached(&self.tx).await?));
        Ok(())
    }

    /// Those of some people who are active members, each with the role, the teams and the shares that hold right now.
    pub async fn members(&self, users: &[UserId]) -> Result<Vec<Actor>, DbError> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self
            .tx
            .query(
                "select m.user_id, m.name as member_name, m.email, m.role, m.is_owner, m.team_id,
                        not m.is_owner and exists (
                          select from record_shares g where g.tenant_id = $1 and g.grantee = any (array[
                            'user:' || m.user_id::text, 'role:' || m.role, 'team:' || m.team_id::text])) as has_shares
                 from memberships m where m.tenant_id = $1 and m.user_id = any ($2) and m.active",
                &[&self.tx.tenant(), &users],
            )
            .await?;
        let roles = store::load(&self.tx, &self.schema.whole()).await?;
        let one = async |row: &Row| {
            let role = roles.get(row.get::<_, &str>("role")).filter(|_| !row.get::<_, bool>("is_owner"));
            member(&self.tx, role.cloned(), row.get("user_id"), row).await
        };
        try_join_all(rows.iter().map(one)).await
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

/// A tenant's transaction in which nobody in particular acts: for the worker and for repairs. It gives no permit.
pub struct Unattended {
    /// The transaction.
    pub tx: TenantTx,
    /// The tenant's place in the world.
    pub locale: Locale,
    /// The tenant's modules, as of this transaction.
    pub schema: Arc<Schema>,
    /// The time.
    pub clock: Clock,
}

impl Unattended {
    /// Opens a transaction in the tenant; the schema may not change until it ends.
    pub async fn begin(db: &Db, caches: &Caches, clock: &Clock, tenant: TenantId) -> Result<Self, WorkError> {
        let tx = db.tenant(tenant).await?;
        let row = tx
            .query_opt(
                "select t.currency, t.country, t.timezone, s.version from tenants t
                 join schema_versions s on s.tenant_id = $1 where t.id = $1 for share of s",
                &[&tenant],
            )
            .await?
            .ok_or(WorkError::Inactive)?;
        let schema = caches.schemas.get(&tx, row.get("version")).await?;
        Ok(Self { tx, locale: Workspace::locale(&row), schema, clock: clock.clone() })
    }

    /// Makes the work last.
    pub async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await
    }
}

/// The actor, and the schema as the actor sees it.
async fn actor(
    tx: &TenantTx,
    caches: &Caches,
    schema: Arc<Schema>,
    user: UserId,
    row: &Row,
) -> Result<(Actor, Arc<Schema>), DbError> {
    let is_owner: bool = row.get("is_owner");
    let role = match is_owner {
        true => None,
        false => caches.roles.get(tx, &schema).await?.get(row.get::<_, &str>("role")).cloned(),
    };
    let seen = role.as_ref().map_or(schema, |role| role.schema.clone());
    Ok((member(tx, role, user, row).await?, seen))
}

/// A member with a role (an owner of the tenant needs none) and with the standing that holds right now.
async fn member(tx: &TenantTx, role: Option<Arc<Role>>, user: UserId, row: &Row) -> Result<Actor, DbError> {
    let standing = match &role {
        Some(role) => standing(tx, role, user, row).await?,
        None => Standing::default(),
    };
    let (name, email) = (row.get("member_name"), row.get("email"));
    Ok(Actor::member(user, name, email, row.get("is_owner"), role, standing))
}

/// Only a role that speaks of teams costs a look at them.
async fn standing(tx: &TenantTx, role: &Role, user: UserId, row: &Row) -> Result<Standing, DbError> {
    let team: Option<TeamId> = row.get("team_id");
    let people = match role.speaks_of_teams() {
        true => store::team_of(tx, user, team).await?,
        false => Arc::new([user]),
    };
    let shared_with = row.get::<_, bool>("has_shares").then(|| {
        let team = team.map(|team| format!("team:{team}"));
        let own = [format!("user:{user}"), format!("role:{}", row.get::<_, &str>("role"))];
        own.into_iter().chain(team).collect()
    });
    Ok(Standing { team: people, shared_with })
}
