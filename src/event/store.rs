//! The outbox in the database.

use serde_json::Value;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::Event;
use crate::db::DbError;
use crate::id::RecordId;
use crate::work::Work;

/// Writes an event into the outbox.
pub async fn publish(work: &Work, event: &Event) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into events (tenant_id, id, at, kind, module, record_id, version, payload)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &work.tx.tenant(),
                &Uuid::now_v7(),
                &work.clock.now(),
                &event.kind.word(),
                &event.module,
                &event.record,
                &event.version,
                &Json(&event.payload),
            ],
        )
        .await?;
    Ok(())
}

/// Writes many events into the outbox in one statement, in their order.
pub async fn publish_all(work: &Work, events: &[Event]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = events.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.word()).collect();
    let modules: Vec<i16> = events.iter().map(|event| event.module).collect();
    let records: Vec<RecordId> = events.iter().map(|event| event.record).collect();
    let versions: Vec<i32> = events.iter().map(|event| event.version).collect();
    let payloads: Vec<Json<&Value>> = events.iter().map(|event| Json(&event.payload)).collect();
    work.tx
        .execute(
            "insert into events (tenant_id, id, at, kind, module, record_id, version, payload)
             select $1, e.id, $2, e.kind, e.module, e.record_id, e.version, e.payload
             from unnest($3::uuid[], $4::text[], $5::smallint[], $6::uuid[], $7::integer[], $8::jsonb[])
               as e (id, kind, module, record_id, version, payload)",
            &[&work.tx.tenant(), &work.clock.now(), &ids, &kinds, &modules, &records, &versions, &payloads],
        )
        .await?;
    Ok(())
}
