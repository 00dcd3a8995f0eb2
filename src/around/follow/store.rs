//! The SQL of followers.

use uuid::Uuid;

use crate::around::Person;
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, UserId};
use crate::work::Work;

pub(super) async fn list(tx: &TenantTx, record: RecordId) -> Result<Vec<Person>, DbError> {
    let rows = tx
        .query(
            "select f.user_id, m.name from followers f
             join memberships m on m.tenant_id = $1 and m.user_id = f.user_id and m.active
             where f.tenant_id = $1 and f.record_id = $2 order by m.name, f.user_id",
            &[&tx.tenant(), &record],
        )
        .await?;
    Ok(rows.iter().map(|row| Person { id: row.get(0), name: row.get(1) }).collect())
}

pub(super) async fn insert(work: &Work, record: RecordId) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into followers (tenant_id, record_id, user_id, created_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, record_id, user_id) do nothing",
            &[&work.tx.tenant(), &record, &work.actor.user, &work.clock.now()],
        )
        .await?;
    Ok(())
}

pub(super) async fn delete(work: &Work, record: RecordId) -> Result<(), DbError> {
    work.tx
        .execute(
            "delete from followers where tenant_id = $1 and record_id = $2 and user_id = $3",
            &[&work.tx.tenant(), &record, &work.actor.user],
        )
        .await?;
    Ok(())
}

/// An event that nobody has been told of yet.
pub(super) struct Taken {
    id: Uuid,
    kind: String,
    record: RecordId,
    version: Option<i32>,
}

/// Marks the oldest such events as told of, and gives them.
pub(super) async fn take_events(tx: &TenantTx, limit: i64) -> Result<Vec<Taken>, DbError> {
    let rows = tx
        .query(
            "update events set noticed = true
             where tenant_id = $1 and record_id is not null and id in (
               select id from events where tenant_id = $1 and not noticed and kind <> 'record.created'
               order by id limit $2 for update skip locked)
             returning id, kind, record_id, version",
            &[&tx.tenant(), &limit],
        )
        .await?;
    let taken = |row: &tokio_postgres::Row| Taken {
        id: row.get(0),
        kind: row.get(1),
        record: row.get(2),
        version: row.get(3),
    };
    Ok(rows.iter().map(taken).collect())
}

/// Somebody who is to be told of an event.
pub(super) struct Told {
    pub(super) user: UserId,
    pub(super) event: Uuid,
    pub(super) kind: String,
    pub(super) record: RecordId,
    pub(super) by: Option<UserId>,
}

/// Who is to be told of events: followers, but not who made the change, which the audit entry of that version knows.
pub(super) async fn to_tell(tx: &TenantTx, events: &[Taken]) -> Result<Vec<Told>, DbError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let records: Vec<RecordId> = events.iter().map(|event| event.record).collect();
    let versions: Vec<Option<i32>> = events.iter().map(|event| event.version).collect();
    let rows = tx
        .query(
            "select f.user_id, t.id, t.kind, t.record_id, a.actor_id
             from unnest($2::uuid[], $3::text[], $4::uuid[], $5::integer[]) as t (id, kind, record_id, version)
             join followers f on f.tenant_id = $1 and f.record_id = t.record_id
             join memberships m on m.tenant_id = $1 and m.user_id = f.user_id and m.active
             left join lateral (
               select l.actor_id from audit_log l
               where l.tenant_id = $1 and l.record_id = t.record_id and l.version = t.version
               order by l.id desc limit 1) a on true
             where a.actor_id is distinct from f.user_id
             order by t.id",
            &[&tx.tenant(), &ids, &kinds, &records, &versions],
        )
        .await?;
    let told = |row: &tokio_postgres::Row| Told {
        user: row.get(0),
        event: row.get(1),
        kind: row.get(2),
        record: row.get(3),
        by: row.get(4),
    };
    Ok(rows.iter().map(told).collect())
}
