//! The SQL of tenants and memberships.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_postgres::Row;

use super::membership::{Member, NewMember};
use crate::db::{Db, DbError, SystemPurpose, SystemTx, TenantTx};
use crate::id::{TenantId, UserId};

/// A tenant, seen from the control plane.
#[derive(Clone, Debug)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// Its part of the address.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// `pending`, `active`, `suspended` or `deleted`.
    pub state: String,
    /// The key of the template it was made from.
    pub template: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A tenant that is half made for so long will not be finished any more.
const ABANDONED: TimeDelta = TimeDelta::minutes(10);

/// Adds a tenant in the state `pending`. A tenant with the same slug that was left half made gives it up first.
pub(super) async fn add_pending(
    tx: &SystemTx,
    slug: &str,
    name: &str,
    owner: UserId,
    now: DateTime<Utc>,
) -> Result<TenantId, DbError> {
    tx.execute(
        "update tenants set state = 'deleted', slug = 'deleted-' || id
         where slug = $1 and state = 'pending' and created_at < $2",
        &[&slug, &(now - ABANDONED)],
    )
    .await?;
    let id = TenantId::for_new_tenant();
    tx.execute(
        "insert into tenants (id, slug, name, state, created_at, created_by) values ($1, $2, $3, 'pending', $4, $5)",
        &[&id, &slug, &name, &now, &owner],
    )
    .await?;
    Ok(id)
}

/// Which of these slugs are taken.
pub(super) async fn taken_slugs(tx: &SystemTx, slugs: &[String]) -> Result<Vec<String>, DbError> {
    let rows = tx.query("select slug from tenants where slug = any($1)", &[&slugs]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Gives up a tenant that could not be finished, and frees its slug.
pub(super) async fn abandon(tx: &SystemTx, tenant: TenantId) -> Result<(), DbError> {
    tx.execute(
        "update tenants set state = 'deleted', slug = 'deleted-' || id where id = $1 and state = 'pending'",
        &[&tenant],
    )
    .await?;
    Ok(())
}

/// Finishes a pending tenant: its version of metadata, and the state `active`.
pub(super) async fn activate(tx: &TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant();
    tx.execute("insert into schema_versions (tenant_id, version) values ($1, 1)", &[&tenant]).await?;
    tx.execute("update tenants set state = 'active' where id = $1 and state = 'pending'", &[&tenant]).await?;
    Ok(())
}

/// Adds a member, or changes role and name of the one who is there.
pub(super) async fn put_member(
    tx: &TenantTx,
    new: &NewMember<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.execute(
        "insert into memberships (tenant_id, user_id, name, email, role, is_owner, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, user_id) do update
           set name = excluded.name, email = excluded.email, role = excluded.role, active = true,
               is_owner = memberships.is_owner or excluded.is_owner",
        &[&tx.tenant(), &new.user.id, &new.user.name, &new.user.email, &new.role, &new.is_owner, &now],
    )
    .await?;
    Ok(())
}

/// Active members by name, at most `limit`; with a text those whose name or address begins with it.
pub(super) async fn members(tx: &TenantTx, starting_with: &str, limit: i64) -> Result<Vec<Member>, DbError> {
    let rows = tx
        .query(
            "select user_id, name, email, role, is_owner from memberships
             where tenant_id = $1 and active and (starts_with(lower(name), $2) or starts_with(email, $2))
             order by name, user_id limit $3",
            &[&tx.tenant(), &starting_with.to_lowercase(), &limit],
        )
        .await?;
    let member = |row: &Row| Member {
        user: row.get("user_id"),
        name: row.get("name"),
        email: row.get("email"),
        role: row.get("role"),
        is_owner: row.get("is_owner"),
    };
    Ok(rows.iter().map(member).collect())
}

/// Whether the tenant has a role with this key.
pub(super) async fn has_role(tx: &TenantTx, key: &str) -> Result<bool, DbError> {
    let found = "select from roles where tenant_id = $1 and key = $2";
    Ok(tx.query_opt(found, &[&tx.tenant(), &key]).await?.is_some())
}

/// Notes which template at which version the workspace was made from.
pub async fn set_template(tx: &TenantTx, key: &str, version: &str) -> Result<(), DbError> {
    tx.execute(
        "update tenants set template_key = $2, template_version = $3 where id = $1",
        &[&tx.tenant(), &key, &version],
    )
    .await?;
    Ok(())
}

const TENANT: &str = "select id, slug, name, state, template_key, created_at from tenants where slug = $1";

/// The tenant with a slug, for the command line.
pub async fn find(db: &Db, slug: &str) -> Result<Option<TenantRow>, DbError> {
    let tx = db.system(SystemPurpose::Operate).await?;
    Ok(tx.query_opt(TENANT, &[&slug]).await?.map(|row| tenant(&row)))
}

/// Every tenant but the deleted ones, by slug, at most `limit`.
pub async fn list(db: &Db, limit: i64) -> Result<Vec<TenantRow>, DbError> {
    let tx = db.system(SystemPurpose::Operate).await?;
    let rows = tx
        .query(
            "select id, slug, name, state, template_key, created_at from tenants
             where state <> 'deleted' order by slug limit $1",
            &[&limit],
        )
        .await?;
    Ok(rows.iter().map(tenant).collect())
}

/// The user who owns a tenant (the first, where there are several).
pub async fn owner(db: &Db, tenant: TenantId) -> Result<Option<UserId>, DbError> {
    let tx = db.tenant(tenant).await?;
    let row = tx
        .query_opt(
            "select user_id from memberships where tenant_id = $1 and is_owner and active
             order by created_at, user_id limit 1",
            &[&tenant],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

fn tenant(row: &Row) -> TenantRow {
    TenantRow {
        id: row.get("id"),
        slug: row.get("slug"),
        name: row.get("name"),
        state: row.get("state"),
        template: row.get("template_key"),
        created_at: row.get("created_at"),
    }
}
