//! The statements that remove records for good.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::audit::Action;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;

/// Modules by number, with the days that their definitions give to the trash.
pub(super) async fn modules(tx: &TenantTx) -> Result<Vec<(i16, Option<i32>)>, DbError> {
    let rows = tx
        .query(
            "select number, (definition #>> '{retention,trash_days}')::integer from modules
             where tenant_id = $1 order by number",
            &[&tx.tenant()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Records of a module that went to the trash before an instant, locked, with their versions.
pub(super) async fn expired(
    tx: &TenantTx,
    module: i16,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(RecordId, i32)>, DbError> {
    let rows = tx
        .query(
            "select id, version from records where tenant_id = $1 and module = $2 and deleted_at < $3
             order by deleted_at, id limit $4 for update skip locked",
            &[&tx.tenant(), &module, &before, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Removes the links from and to records.
pub(super) async fn unlink(tx: &TenantTx, ids: &[RecordId]) -> Result<(), DbError> {
    tx.execute("delete from record_links where tenant_id = $1 and from_id = any($2)", &[&tx.tenant(), &ids])
        .await?;
    tx.execute("delete from record_links where tenant_id = $1 and to_id = any($2)", &[&tx.tenant(), &ids])
        .await?;
    Ok(())
}

/// Removes records; their keys go with them.
pub(super) async fn remove(tx: &TenantTx, ids: &[RecordId]) -> Result<(), DbError> {
    tx.execute("delete from records where tenant_id = $1 and id = any($2)", &[&tx.tenant(), &ids]).await?;
    Ok(())
}

/// Writes down that records are gone, in the name of the system itself.
pub(super) async fn journal(
    tx: &TenantTx,
    module: i16,
    ids: &[RecordId],
    versions: &[i32],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let entries: Vec<Uuid> = ids.iter().map(|_| Uuid::now_v7()).collect();
    tx.execute(
        "insert into audit_log (tenant_id, id, at, channel, action, module, record_id, version, changes)
         select $1, e.id, $2, 'system', $3, $4, e.record_id, e.version, '{}'
         from unnest($5::uuid[], $6::uuid[], $7::integer[]) as e (id, record_id, version)",
        &[&tx.tenant(), &now, &Action::Purged.word(), &module, &entries, &ids, &versions],
    )
    .await?;
    Ok(())
}
