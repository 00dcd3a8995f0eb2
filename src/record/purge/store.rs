//! The statements that remove records for good.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::audit::Action;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::record::derive::State;
use crate::record::store::write_derived;
use crate::record::values::Values;

/// Links that one transaction looks at.
pub(super) const POINTERS: usize = 1_000;

/// A link to a record that is about to be gone.
pub(super) struct Pointer {
    pub(super) from: RecordId,
    pub(super) field: i16,
    pub(super) to: RecordId,
}

/// A record that points to one, locked.
pub(super) struct Holder {
    pub(super) id: RecordId,
    pub(super) module: i16,
    pub(super) version: i32,
    pub(super) state: State,
}

/// What history says of a record that lost what it pointed to.
pub(super) struct Note {
    pub(super) module: i16,
    pub(super) record: RecordId,
    pub(super) version: i32,
    pub(super) changes: Map<String, Value>,
}

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

/// Links to some records from others, at most [`POINTERS`].
pub(super) async fn pointers(tx: &TenantTx, to: &[RecordId]) -> Result<Vec<Pointer>, DbError> {
    let rows = tx
        .query(
            "select from_id, field, to_id from record_links
             where tenant_id = $1 and to_id = any($2) and from_id <> all($2) order by from_id, field, to_id limit $3",
            &[&tx.tenant(), &to, &(POINTERS as i64)],
        )
        .await?;
    let pointer =
        |row: &Row| Pointer { from: row.get("from_id"), field: row.get("field"), to: row.get("to_id") };
    Ok(rows.iter().map(pointer).collect())
}

/// Those of some records that nobody else holds, locked; also from the trash.
pub(super) async fn hold(tx: &TenantTx, ids: &[RecordId]) -> Result<Vec<Holder>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx
        .query(
            "select id, module, version, stage, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and id = any($2) order by id for update skip locked",
            &[&tx.tenant(), &ids],
        )
        .await?;
    let holder = |row: &Row| Holder {
        id: row.get("id"),
        module: row.get("module"),
        version: row.get("version"),
        state: State {
            live: !row.get::<_, bool>("deleted"),
            stage: row.get("stage"),
            data: row.get::<_, Json<Map<String, Value>>>("data").0,
        },
    };
    Ok(rows.iter().map(holder).collect())
}

/// Writes what is left of a record's values over them.
pub(super) async fn write(tx: &TenantTx, id: RecordId, values: &Values) -> Result<(), DbError> {
    write_derived(tx, id, values).await?;
    tx.execute(
        "update records set version = version + 1 where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &id],
    )
    .await?;
    Ok(())
}

/// Writes down what a record lost, in the name of the system itself.
pub(super) async fn note(tx: &TenantTx, note: Note, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute(
        "insert into audit_log (tenant_id, id, at, channel, action, module, record_id, version, changes)
         values ($1, $2, $3, 'system', $4, $5, $6, $7, $8)",
        &[
            &tx.tenant(),
            &Uuid::now_v7(),
            &now,
            &Action::Updated.word(),
            &note.module,
            &note.record,
            &note.version,
            &Json(&note.changes),
        ],
    )
    .await?;
    Ok(())
}

/// Removes the links from some records to others.
pub(super) async fn unlink_from(tx: &TenantTx, from: &[RecordId], to: &[RecordId]) -> Result<(), DbError> {
    tx.execute(
        "delete from record_links where tenant_id = $1 and from_id = any($2) and to_id = any($3)",
        &[&tx.tenant(), &from, &to],
    )
    .await?;
    Ok(())
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
