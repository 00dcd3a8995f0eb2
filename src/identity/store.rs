//! The SQL of users, sessions, failed sign-ins and signing keys.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

use super::session::{AGE, IDLE, NOTED, NewSession, end_of};
use super::{NewUser, Session, SessionKind, SessionTenant, TokenHash, User};
use crate::db::{DbError, SystemTx};
use crate::id::{TenantId, UserId};
use crate::limits;

/// What sign-in needs of a user.
pub(crate) struct StoredUser {
    /// The user.
    pub user: User,
    /// What the password is checked against.
    pub password_hash: String,
}

/// The active user with an e-mail address in its stored form.
pub(crate) async fn find_user(tx: &SystemTx, email: &str) -> Result<Option<StoredUser>, DbError> {
    let row = tx
        .query_opt(
            "select id, email, name, platform_admin, password_hash from users where email = $1 and active",
            &[&email],
        )
        .await?;
    Ok(row.map(|row| StoredUser { user: user(&row), password_hash: row.get("password_hash") }))
}

/// Adds a user; None when the e-mail address is taken.
pub(crate) async fn add_user(
    tx: &SystemTx,
    new: &NewUser,
    now: DateTime<Utc>,
) -> Result<Option<User>, DbError> {
    let id = UserId::new();
    let added = tx
        .execute(
            "insert into users (id, email, name, password_hash, platform_admin, created_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (email) do nothing",
            &[&id, &new.email.as_str(), &new.name, &new.password_hash, &new.platform_admin, &now],
        )
        .await?;
    Ok((added == 1).then(|| User {
        id,
        email: new.email.as_str().to_owned(),
        name: new.name.clone(),
        platform_admin: new.platform_admin,
    }))
}

/// Gives a user a new password. The caller ends the sessions.
pub(crate) async fn set_password(tx: &SystemTx, user: UserId, hash: &str) -> Result<(), DbError> {
    tx.execute("update users set password_hash = $2 where id = $1", &[&user, &hash]).await?;
    Ok(())
}

/// Raises the user's epoch and ends every session, so that neither an old row nor one about to be written holds.
pub(super) async fn end_sessions(tx: &SystemTx, user: UserId) -> Result<(), DbError> {
    tx.execute("update users set epoch = epoch + 1 where id = $1", &[&user]).await?;
    tx.execute("delete from sessions where user_id = $1", &[&user]).await?;
    Ok(())
}

/// A workspace that a user belongs to.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceRow {
    /// Its id.
    pub tenant: TenantId,
    /// Its part of the address.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The user's role there.
    pub role: String,
    /// Whether the user owns it.
    pub is_owner: bool,
}

/// The workspaces in which a user is an active member, by name.
pub(crate) async fn workspaces(tx: &SystemTx, user: UserId) -> Result<Vec<WorkspaceRow>, DbError> {
    let rows = tx
        .query(
            "select t.id, t.slug, t.name, m.role, m.is_owner
             from memberships m join tenants t on t.id = m.tenant_id
             where m.user_id = $1 and m.active and t.state in ('active', 'suspended')
             order by t.name, t.slug",
            &[&user],
        )
        .await?;
    let workspace = |row: &Row| WorkspaceRow {
        tenant: row.get("id"),
        slug: row.get("slug"),
        name: row.get("name"),
        role: row.get("role"),
        is_owner: row.get("is_owner"),
    };
    Ok(rows.iter().map(workspace).collect())
}

/// Adds a session; false when the user is not active. Sign-ins of one user queue up at the user's row, so that the
/// limit of sessions holds and a session cannot slip past a rise of the epoch.
pub(super) async fn add_session(
    tx: &SystemTx,
    user: UserId,
    hash: &TokenHash,
    new: &NewSession<'_>,
) -> Result<bool, DbError> {
    let locked = "select epoch from users where id = $1 and active for no key update";
    let Some(row) = tx.query_opt(locked, &[&user]).await? else { return Ok(false) };
    let epoch: i32 = row.get("epoch");
    tx.execute(
        "delete from sessions where user_id = $1 and (expires_at <= $3 or token_hash in (
           select token_hash from sessions where user_id = $1 and expires_at > $3
           order by last_seen_at desc, created_at desc offset $2))",
        &[&user, &(limits::SESSIONS_PER_USER - 1), &new.now],
    )
    .await?;
    let expires_at = end_of(new.created_at, new.now);
    let refresh_hash = new.refresh_hash.map(TokenHash::as_slice);
    tx.execute(
        "insert into sessions (token_hash, user_id, tenant_id, kind, user_epoch, created_at, last_seen_at,
                               expires_at, refresh_hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &hash.as_slice(),
            &user,
            &new.tenant,
            &new.kind.word(),
            &epoch,
            &new.created_at,
            &new.now,
            &expires_at,
            &refresh_hash,
        ],
    )
    .await?;
    Ok(true)
}

/// A session that holds now.
pub(super) async fn find_session(
    tx: &SystemTx,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<FoundSession>, DbError> {
    let row = tx
        .query_opt(
            "select s.kind, s.created_at, s.last_seen_at, s.expires_at, s.tenant_id, t.slug, t.name as tenant_name,
                    u.id, u.email, u.name, u.platform_admin
             from sessions s
             join users u on u.id = s.user_id and u.active and u.epoch = s.user_epoch
             left join tenants t on t.id = s.tenant_id
             where s.token_hash = $1 and s.expires_at > $2",
            &[&hash.as_slice(), &now],
        )
        .await?;
    Ok(row.map(|row| FoundSession {
        unnoted: now - row.get::<_, DateTime<Utc>>("last_seen_at") >= NOTED,
        session: session(*hash, &row),
    }))
}

/// A session, and whether its use should be noted.
pub(super) struct FoundSession {
    pub session: Session,
    pub unnoted: bool,
}

/// Notes that a session was used now, which moves its end.
pub(super) async fn touch_session(
    tx: &SystemTx,
    session: &Session,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.execute(
        "update sessions set last_seen_at = $2, expires_at = $3 where token_hash = $1",
        &[&session.hash.as_slice(), &now, &end_of(session.created_at, now)],
    )
    .await?;
    Ok(())
}

/// Ends a session; false when there was none.
pub(super) async fn end_session(tx: &SystemTx, hash: &TokenHash) -> Result<bool, DbError> {
    Ok(tx.execute("delete from sessions where token_hash = $1", &[&hash.as_slice()]).await? == 1)
}

/// Exchanges the secret half of a refresh token, once; false when it is not the one that may be used.
pub(super) async fn rotate(
    tx: &SystemTx,
    hash: &TokenHash,
    old: &TokenHash,
    new: &TokenHash,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "update sessions s set refresh_hash = $3, last_seen_at = $4,
                                   expires_at = least(s.created_at + $5::float8 * interval '1 second', $6)
             from users u
             where s.token_hash = $1 and s.refresh_hash = $2 and s.kind = 'api' and s.expires_at > $4
               and u.id = s.user_id and u.active and u.epoch = s.user_epoch",
            &[
                &hash.as_slice(),
                &old.as_slice(),
                &new.as_slice(),
                &now,
                &(AGE.num_seconds() as f64),
                &(now + IDLE),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Failed sign-ins that count against a key, and when the first of them stops counting.
pub(super) struct Failures {
    pub count: i64,
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts the failures of a key since `since`, alone: others with the same key wait until this transaction ends.
pub(super) async fn count_failures(
    tx: &SystemTx,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Failures, DbError> {
    tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", &[&key]).await?;
    let rows = tx
        .query(
            "select count(*), min(failed_at) from sign_in_failures where throttle_key = $1 and failed_at > $2",
            &[&key, &since],
        )
        .await?;
    let row = rows.first();
    Ok(Failures { count: row.map_or(0, |row| row.get(0)), oldest: row.and_then(|row| row.get(1)) })
}

/// Records an attempt under a key, and forgets those that no longer count.
pub(super) async fn add_failure(
    tx: &SystemTx,
    key: &str,
    id: Uuid,
    now: DateTime<Utc>,
    window: TimeDelta,
) -> Result<(), DbError> {
    tx.execute(
        "insert into sign_in_failures (throttle_key, id, failed_at) values ($1, $2, $3)",
        &[&key, &id, &now],
    )
    .await?;
    tx.execute("delete from sign_in_failures where failed_at <= $1", &[&(now - window)]).await?;
    Ok(())
}

/// Forgets one attempt under a key, or all of them.
pub(super) async fn forget_failures(tx: &SystemTx, key: &str, id: Option<Uuid>) -> Result<(), DbError> {
    tx.execute(
        "delete from sign_in_failures where throttle_key = $1 and ($2::uuid is null or id = $2)",
        &[&key, &id],
    )
    .await?;
    Ok(())
}

/// Every signing key, the newest first; makes the first one where there is none.
pub(super) async fn signing_keys(
    tx: &SystemTx,
    fresh: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    tx.execute("select pg_advisory_xact_lock(hashtextextended('signing_keys', 0))", &[]).await?;
    tx.execute(
        "insert into signing_keys (id, secret, created_at) select $1, $2, $3
         where not exists (select from signing_keys)",
        &[&Uuid::now_v7(), &fresh.as_slice(), &now],
    )
    .await?;
    let rows = tx.query("select id, secret from signing_keys order by created_at desc, id desc", &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn user(row: &Row) -> User {
    User {
        id: row.get("id"),
        email: row.get("email"),
        name: row.get("name"),
        platform_admin: row.get("platform_admin"),
    }
}

fn session(hash: TokenHash, row: &Row) -> Session {
    let tenant: Option<TenantId> = row.get("tenant_id");
    let kind = match row.get::<_, &str>("kind") {
        "api" => SessionKind::Api,
        _ => SessionKind::Web,
    };
    Session {
        hash,
        kind,
        user: user(row),
        tenant: tenant.map(|id| SessionTenant { id, slug: row.get("slug"), name: row.get("tenant_name") }),
        created_at: row.get("created_at"),
        expires_at: row.get("expires_at"),
    }
}
