//! The outbox in the database.

use tokio_postgres::types::Json;
use uuid::Uuid;

use super::Event;
use crate::db::DbError;
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
