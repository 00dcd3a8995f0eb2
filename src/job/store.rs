//! Jobs in the database. Statements of a worker carry the lease, so that one who was taken for dead writes nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{Ending, Held, Job, NewJob, Progress, Turn, Whose};
use crate::db::{DbError, SystemTx, TenantTx};
use crate::id::{JobId, TenantId};
use crate::work::{Channel, Work};

/// Queues a job in the work's transaction. None when an open one of its kind has the same key.
pub async fn enqueue(work: &Work, new: &NewJob) -> Result<Option<Job>, DbError> {
    let id = JobId::new();
    let queued = work
        .tx
        .execute(
            "insert into jobs (tenant_id, id, kind, payload, total, due_at, dedupe_key, channel, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $6, $9)
             on conflict do nothing",
            &[
                &work.tx.tenant(),
                &id,
                &new.kind.word(),
                &Json(&new.payload),
                &new.total,
                &work.clock.now(),
                &new.dedupe_key,
                &work.channel.word(),
                &work.actor.user,
            ],
        )
        .await?;
    if queued == 0 { Ok(None) } else { find(&work.tx, Whose::All, id).await }
}

/// A job, if it is one of those that are asked for.
pub async fn find(tx: &TenantTx, whose: Whose, id: JobId) -> Result<Option<Job>, DbError> {
    let row = tx
        .query_opt(
            "select id, kind, state, done, total, result, last_error, attempts, created_at, created_by, finished_at
             from jobs where tenant_id = $1 and id = $2 and ($3::uuid is null or created_by = $3)",
            &[&tx.tenant(), &id, &whose.user()],
        )
        .await?;
    Ok(row.as_ref().map(job))
}

/// The newest jobs before one (or all), at most `limit`.
pub async fn list(
    tx: &TenantTx,
    whose: Whose,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Job>, DbError> {
    let rows = tx
        .query(
            "select id, kind, state, done, total, result, last_error, attempts, created_at, created_by, finished_at
             from jobs where tenant_id = $1 and ($2::uuid is null or created_by = $2) and id < $3
             order by id desc limit $4",
            &[&tx.tenant(), &whose.user(), &before.unwrap_or(Uuid::max()), &limit],
        )
        .await?;
    Ok(rows.iter().map(job).collect())
}

fn job(row: &Row) -> Job {
    Job {
        id: row.get("id"),
        kind: row.get("kind"),
        state: row.get("state"),
        progress: Progress { done: row.get("done"), total: row.get("total") },
        result: row.get::<_, Json<Value>>("result").0,
        error: row.get("last_error"),
        attempts: row.get("attempts"),
        created_at: row.get("created_at"),
        created_by: row.get("created_by"),
        finished_at: row.get("finished_at"),
    }
}

/// Calls an open job off; a step under way is rolled back. False when it had ended.
pub async fn cancel(tx: &TenantTx, id: JobId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "update jobs set state = 'cancelled', due_at = null, locked_by = null, finished_at = $3
             where tenant_id = $1 and id = $2 and state in ('ready', 'running')",
            &[&tx.tenant(), &id, &now],
        )
        .await?;
    Ok(changed == 1)
}

/// Has a job that failed or was called off go on where it stopped. False when it is open or done.
pub async fn retry(tx: &TenantTx, id: JobId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "update jobs set state = 'ready', due_at = $3, attempts = 0, last_error = null, finished_at = null
             where tenant_id = $1 and id = $2 and state in ('failed', 'cancelled')",
            &[&tx.tenant(), &id, &now],
        )
        .await?;
    Ok(changed == 1)
}

/// Tenants with jobs that may be taken, those first that have waited longest.
pub async fn due(tx: &SystemTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<TenantId>, DbError> {
    let rows = tx
        .query(
            "select tenant_id from jobs_due where due_at <= $1 group by tenant_id order by min(due_at) limit $2",
            &[&now, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Takes the tenant's job that has waited longest, until an instant: a ready one, or one whose holder has let its lease
/// run out.
pub async fn claim(
    tx: &TenantTx,
    holder: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Held>, DbError> {
    let row = tx
        .query_opt(
            "with taken as materialized (
               select id from jobs where tenant_id = $1 and due_at <= $2
               order by due_at, id limit 1 for update skip locked)
             update jobs j set state = 'running', due_at = $3, locked_by = $4, lease = j.lease + 1,
               attempts = j.attempts + 1
             from taken where j.tenant_id = $1 and j.id = taken.id
             returning j.id, j.kind, j.payload, j.position, j.result, j.done, j.total, j.attempts, j.max_attempts,
               j.lease, j.created_by, j.channel",
            &[&tx.tenant(), &now, &until, &holder],
        )
        .await?;
    Ok(row.map(|row| Held {
        id: row.get("id"),
        kind: row.get("kind"),
        payload: row.get::<_, Json<Value>>("payload").0,
        position: row.get::<_, Json<Value>>("position").0,
        result: row.get::<_, Json<Value>>("result").0,
        progress: Progress { done: row.get("done"), total: row.get("total") },
        attempts: row.get("attempts"),
        max_attempts: row.get("max_attempts"),
        lease: row.get("lease"),
        created_by: row.get("created_by"),
        channel: Channel::named(row.get("channel")).unwrap_or(Channel::Api),
    }))
}

/// Prolongs a lease. False when it is lost.
pub async fn extend(tx: &TenantTx, held: &Held, until: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "update jobs set due_at = $4 where tenant_id = $1 and id = $2 and lease = $3 and state = 'running'",
            &[&tx.tenant(), &held.id, &held.lease, &until],
        )
        .await?;
    Ok(changed == 1)
}

/// Writes down a step, in the transaction of its effects, which must not be committed when this gives false: the lease
/// is lost, and the step is somebody else's.
pub async fn advance(
    tx: &TenantTx,
    held: &Held,
    turn: &Turn,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "update jobs set position = $4, result = $5, done = $6, total = $7, attempts = 1, last_error = null,
               state = case when $8 then 'done' else 'running' end,
               due_at = case when $8 then null else $10::timestamptz end,
               locked_by = case when $8 then null else locked_by end,
               finished_at = case when $8 then $9::timestamptz end
             where tenant_id = $1 and id = $2 and lease = $3 and state = 'running'",
            &[
                &tx.tenant(),
                &held.id,
                &held.lease,
                &Json(&turn.position),
                &Json(&turn.result),
                &turn.progress.done,
                &turn.progress.total,
                &turn.finished,
                &now,
                &until,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives a job back that is not done, at the end of the line, as if it had not been begun this time.
pub async fn hand_back(tx: &TenantTx, held: &Held, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute(
        "update jobs set state = 'ready', due_at = $4, attempts = greatest(attempts - 1, 0), locked_by = null
         where tenant_id = $1 and id = $2 and lease = $3 and state = 'running'",
        &[&tx.tenant(), &held.id, &held.lease, &now],
    )
    .await?;
    Ok(())
}

/// Puts a job off that failed in a way that may pass.
pub async fn postpone(tx: &TenantTx, held: &Held, due: DateTime<Utc>, error: &str) -> Result<(), DbError> {
    tx.execute(
        "update jobs set state = 'ready', due_at = $4, last_error = $5, locked_by = null
         where tenant_id = $1 and id = $2 and lease = $3 and state = 'running'",
        &[&tx.tenant(), &held.id, &held.lease, &due, &error],
    )
    .await?;
    Ok(())
}

/// Ends a job that is not done.
pub async fn end(
    tx: &TenantTx,
    held: &Held,
    ending: Ending,
    now: DateTime<Utc>,
    error: &str,
) -> Result<(), DbError> {
    tx.execute(
        "update jobs set state = $4, due_at = null, last_error = $5, locked_by = null, finished_at = $6
         where tenant_id = $1 and id = $2 and lease = $3 and state = 'running'",
        &[&tx.tenant(), &held.id, &held.lease, &ending.word(), &error, &now],
    )
    .await?;
    Ok(())
}

/// Removes jobs that ended before an instant.
pub async fn forget(tx: &TenantTx, before: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute("delete from jobs where tenant_id = $1 and finished_at < $2", &[&tx.tenant(), &before])
        .await?;
    Ok(())
}
