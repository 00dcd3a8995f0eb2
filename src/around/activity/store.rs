//! The SQL of activities.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{Activity, NewActivity};
use crate::around::Person;
use crate::db::{DbError, TenantTx};
use crate::id::{ActivityId, RecordId};
use crate::work::Work;

pub(super) async fn list(
    tx: &TenantTx,
    record: RecordId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Activity>, DbError> {
    let rows = tx
        .query(
            "select a.id, a.kind, a.subject, a.body, a.at, a.minutes, a.participants, a.corrects, a.created_by, m.name,
                    a.created_at, (select c.id from activities c where c.tenant_id = $1 and c.corrects = a.id
                      order by c.id desc limit 1) as corrected_by
             from activities a
             left join memberships m on m.tenant_id = $1 and m.user_id = a.created_by
             where a.tenant_id = $1 and a.record_id = $2
               and ($3::uuid is null or (a.at, a.id) < (
                 select b.at, b.id from activities b where b.tenant_id = $1 and b.record_id = $2 and b.id = $3))
             order by a.at desc, a.id desc limit $4",
            &[&tx.tenant(), &record, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(activity).collect())
}

pub(super) async fn find(tx: &TenantTx, id: ActivityId) -> Result<Option<Activity>, DbError> {
    let row = tx
        .query_opt(
            "select a.id, a.kind, a.subject, a.body, a.at, a.minutes, a.participants, a.corrects, a.created_by, m.name,
                    a.created_at, null::uuid as corrected_by
             from activities a
             left join memberships m on m.tenant_id = $1 and m.user_id = a.created_by
             where a.tenant_id = $1 and a.id = $2",
            &[&tx.tenant(), &id],
        )
        .await?;
    Ok(row.as_ref().map(activity))
}

fn activity(row: &Row) -> Activity {
    Activity {
        id: row.get("id"),
        kind: row.get("kind"),
        subject: row.get("subject"),
        body: row.get("body"),
        at: row.get("at"),
        minutes: row.get("minutes"),
        participants: row.get("participants"),
        corrects: row.get("corrects"),
        corrected_by: row.get("corrected_by"),
        by: Person { id: row.get("created_by"), name: row.get("name") },
        created_at: row.get("created_at"),
    }
}

pub(super) async fn is_of_record(tx: &TenantTx, id: ActivityId, record: RecordId) -> Result<bool, DbError> {
    let row = tx
        .query_opt(
            "select id from activities where tenant_id = $1 and id = $2 and record_id = $3",
            &[&tx.tenant(), &id, &record],
        )
        .await?;
    Ok(row.is_some())
}

pub(super) async fn insert(
    work: &Work,
    id: ActivityId,
    record: RecordId,
    new: &NewActivity,
) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into activities (tenant_id, id, record_id, kind, subject, body, at, minutes, participants, corrects,
               channel, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            &[
                &work.tx.tenant(),
                &id,
                &record,
                &new.kind.word(),
                &new.subject,
                &new.body,
                &new.at,
                &new.minutes,
                &new.participants,
                &new.corrects,
                &work.channel.word(),
                &work.actor.user,
                &work.clock.now(),
            ],
        )
        .await?;
    Ok(())
}
