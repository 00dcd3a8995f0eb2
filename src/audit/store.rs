//! The audit log in the database.

use serde_json::{Map, Value};
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{Entry, NewEntry};
use crate::db::DbError;
use crate::id::RecordId;
use crate::work::Work;

/// Writes an entry in the name of the work's actor.
pub async fn append(work: &Work, entry: &NewEntry) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into audit_log (tenant_id, id, at, actor_id, channel, action, module, record_id, version, changes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                &work.tx.tenant(),
                &Uuid::now_v7(),
                &work.clock.now(),
                &work.actor.user,
                &work.channel.word(),
                &entry.action.word(),
                &entry.module,
                &entry.record,
                &entry.version,
                &Json(&entry.changes),
            ],
        )
        .await?;
    Ok(())
}

/// Writes the entries of many changes in one statement.
pub async fn append_all(work: &Work, entries: &[NewEntry]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = entries.iter().map(|_| Uuid::now_v7()).collect();
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.word()).collect();
    let modules: Vec<Option<i16>> = entries.iter().map(|entry| entry.module).collect();
    let records: Vec<Option<RecordId>> = entries.iter().map(|entry| entry.record).collect();
    let versions: Vec<Option<i32>> = entries.iter().map(|entry| entry.version).collect();
    let changes: Vec<Json<&Map<String, Value>>> = entries.iter().map(|entry| Json(&entry.changes)).collect();
    work.tx
        .execute(
            "insert into audit_log (tenant_id, id, at, actor_id, channel, action, module, record_id, version, changes)
             select $1, e.id, $2, $3, $4, e.action, e.module, e.record_id, e.version, e.changes
             from unnest($5::uuid[], $6::text[], $7::smallint[], $8::uuid[], $9::integer[], $10::jsonb[])
               as e (id, action, module, record_id, version, changes)",
            &[
                &work.tx.tenant(),
                &work.clock.now(),
                &work.actor.user,
                &work.channel.word(),
                &ids,
                &actions,
                &modules,
                &records,
                &versions,
                &changes,
            ],
        )
        .await?;
    Ok(())
}

/// The newest entries of a record before an entry (or all), at most `limit`. Who may see the record is the caller's
/// business (`record::history`).
pub async fn of_record(
    work: &Work,
    record: RecordId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, DbError> {
    let before = before.unwrap_or(Uuid::max());
    let rows = work
        .tx
        .query(
            "select a.id, a.at, a.actor_id, m.name, a.channel, a.action, a.version, a.changes
             from audit_log a
             left join memberships m on m.tenant_id = $1 and m.user_id = a.actor_id
             where a.tenant_id = $1 and a.record_id = $2 and a.id < $3
             order by a.id desc limit $4",
            &[&work.tx.tenant(), &record, &before, &limit],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| Entry {
            id: row.get(0),
            at: row.get(1),
            actor: row.get(2),
            actor_name: row.get(3),
            channel: row.get(4),
            action: row.get(5),
            version: row.get(6),
            changes: row.get::<_, Json<Map<String, Value>>>(7).0,
        })
        .collect())
}
