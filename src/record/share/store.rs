//! Shares in the database.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Grantee, Level, ShareFace};
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, UserId};

/// The owner of a record outside the trash; None where there is no such record.
pub(super) async fn owner(
    tx: &TenantTx,
    module: i16,
    id: RecordId,
) -> Result<Option<Option<UserId>>, DbError> {
    let row = tx
        .query_opt(
            "select owner_id from records where tenant_id = $1 and id = $2 and module = $3 and deleted_at is null",
            &[&tx.tenant(), &id, &module],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// The stored form of a grantee that is there.
pub(super) async fn grantee(tx: &TenantTx, with: &Grantee) -> Result<Option<String>, DbError> {
    let tenant = tx.tenant();
    let found = match with {
        Grantee::User(user) => {
            let found = "select 'user:' || user_id::text from memberships where tenant_id = $1 and user_id = $2 and active";
            tx.query_opt(found, &[&tenant, user]).await?
        }
        Grantee::Team(key) => {
            tx.query_opt(
                "select 'team:' || id::text from teams where tenant_id = $1 and key = $2",
                &[&tenant, key],
            )
            .await?
        }
        Grantee::Role(key) => {
            tx.query_opt(
                "select 'role:' || key from roles where tenant_id = $1 and key = $2",
                &[&tenant, key],
            )
            .await?
        }
    };
    Ok(found.map(|row| row.get(0)))
}

/// The shares of a record, oldest first.
pub(super) async fn list(tx: &TenantTx, record: RecordId) -> Result<Vec<ShareFace>, DbError> {
    let rows = tx
        .query(
            "select s.id, s.grantee, s.level, s.created_at, s.created_by, m.user_id, m.name as member,
               t.key as team, t.name as team_name
             from record_shares s
             left join memberships m on m.tenant_id = $1 and s.grantee = 'user:' || m.user_id::text
             left join teams t on t.tenant_id = $1 and s.grantee = 'team:' || t.id::text
             where s.tenant_id = $1 and s.record_id = $2 order by s.id",
            &[&tx.tenant(), &record],
        )
        .await?;
    Ok(rows.iter().map(face).collect())
}

fn face(row: &Row) -> ShareFace {
    let user: Option<UserId> = row.get("user_id");
    let team: Option<String> = row.get("team");
    let role = row.get::<_, &str>("grantee").strip_prefix("role:").map(str::to_owned);
    let name = row.get::<_, Option<String>>("member").or(row.get("team_name")).or(role.clone());
    let with = user.map(Grantee::User).or(team.map(Grantee::Team)).or(role.map(Grantee::Role));
    let level = if row.get::<_, &str>("level") == "update" { Level::Update } else { Level::Read };
    ShareFace {
        id: row.get("id"),
        with,
        name: name.unwrap_or_default(),
        level,
        created_at: row.get("created_at"),
        created_by: row.get("created_by"),
    }
}

/// Adds a share, or changes the level of the one with the same grantee.
pub(super) async fn put(
    tx: &TenantTx,
    (record, module): (RecordId, i16),
    (grantee, level): (&str, &str),
    (by, at): (UserId, DateTime<Utc>),
) -> Result<(), DbError> {
    tx.execute(
        "insert into record_shares (tenant_id, id, record_id, module, grantee, level, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, record_id, grantee) do update set level = excluded.level",
        &[&tx.tenant(), &Uuid::now_v7(), &record, &module, &grantee, &level, &at, &by],
    )
    .await?;
    Ok(())
}

/// Removes a share of a record.
pub(super) async fn remove(tx: &TenantTx, record: RecordId, share: Uuid) -> Result<(), DbError> {
    tx.execute(
        "delete from record_shares where tenant_id = $1 and record_id = $2 and id = $3",
        &[&tx.tenant(), &record, &share],
    )
    .await?;
    Ok(())
}
