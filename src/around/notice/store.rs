//! The SQL of notifications.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{NewNotice, Notification, RecordLink};
use crate::around::Person;
use crate::db::{DbError, TenantTx};
use crate::id::{NotificationId, RecordId, UserId};
use crate::record::RelatedFace;
use crate::work::Work;

/// A notification as it lies in the table.
pub(super) struct Stored {
    pub(super) id: NotificationId,
    pub(super) record: Option<RecordId>,
    /// Of a change: the number of the module, and which fields changed.
    pub(super) changed: Option<(i16, Vec<String>)>,
    kind: String,
    what: String,
    source: Uuid,
    by: Option<Person>,
    at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl Stored {
    fn of(row: &Row) -> Self {
        let by: Option<UserId> = row.get("by_id");
        let payload = row.get::<_, Option<Json<Value>>>("payload");
        let keys = payload.and_then(|Json(keys)| serde_json::from_value::<Vec<String>>(keys).ok());
        Self {
            id: row.get("id"),
            record: row.get("record_id"),
            changed: row.get::<_, Option<i16>>("module").zip(keys),
            kind: row.get("kind"),
            what: row.get("what"),
            source: row.get("source_id"),
            by: by.map(|id| Person { id, name: row.get("name") }),
            at: row.get("at"),
            read_at: row.get("read_at"),
        }
    }

    pub(super) fn shown(self, faces: &HashMap<RecordId, RelatedFace>) -> Notification {
        Notification {
            id: self.id,
            kind: self.kind,
            what: self.what,
            source: self.source,
            record: self.record.and_then(|record| RecordLink::of(faces, record)),
            by: self.by,
            at: self.at,
            read_at: self.read_at,
        }
    }
}

pub(super) async fn list(
    work: &Work,
    after: Option<Uuid>,
    unread: bool,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let rows = work
        .tx
        .query(
            "select n.id, n.kind, n.what, n.source_id, n.record_id, n.by_id, m.name, n.at, n.read_at, e.module, e.payload
             from notifications n
             left join events e on e.tenant_id = $1 and e.id = n.source_id and n.kind = 'change'
             left join memberships m on m.tenant_id = $1 and m.user_id = n.by_id
             where n.tenant_id = $1 and n.user_id = $2 and ($3::uuid is null or n.id < $3)
               and (not $4 or n.read_at is null)
             order by n.id desc limit $5",
            &[&work.tx.tenant(), &work.actor.user, &after, &unread, &limit],
        )
        .await?;
    Ok(rows.iter().map(Stored::of).collect())
}

pub(super) async fn insert_all(
    tx: &TenantTx,
    at: DateTime<Utc>,
    notices: &[NewNotice],
) -> Result<(), DbError> {
    let ids: Vec<NotificationId> = notices.iter().map(|_| NotificationId::new()).collect();
    let users: Vec<UserId> = notices.iter().map(|notice| notice.user).collect();
    let kinds: Vec<&str> = notices.iter().map(|notice| notice.kind.word()).collect();
    let whats: Vec<&str> = notices.iter().map(|notice| notice.what).collect();
    let records: Vec<Option<RecordId>> = notices.iter().map(|notice| notice.record).collect();
    let sources: Vec<Uuid> = notices.iter().map(|notice| notice.source).collect();
    let by: Vec<Option<UserId>> = notices.iter().map(|notice| notice.by).collect();
    tx.execute(
        "insert into notifications (tenant_id, id, user_id, kind, what, record_id, source_id, by_id, at)
         select $1, n.id, n.user_id, n.kind, n.what, n.record_id, n.source_id, n.by_id, $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[])
           as n (id, user_id, kind, what, record_id, source_id, by_id)
         on conflict do nothing",
        &[&tx.tenant(), &at, &ids, &users, &kinds, &whats, &records, &sources, &by],
    )
    .await?;
    Ok(())
}

/// Marks own notifications as read; says how many there are of those named.
pub(super) async fn mark_read(work: &Work, ids: Option<&[NotificationId]>) -> Result<u64, DbError> {
    work.tx
        .execute(
            "update notifications set read_at = coalesce(read_at, $4)
             where tenant_id = $1 and user_id = $2
               and case when $3::uuid[] is null then read_at is null else id = any($3) end",
            &[&work.tx.tenant(), &work.actor.user, &ids, &work.clock.now()],
        )
        .await
}
