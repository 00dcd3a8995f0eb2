//! The SQL of tasks.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Task, Which};
use crate::around::Person;
use crate::around::notice::RecordLink;
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, TaskId, UserId};
use crate::record;
use crate::work::Work;

/// The columns of a task, of `tasks t`.
macro_rules! of_tasks {
    ($rest:literal) => {
        concat!(
            "select t.id, t.version, t.title, t.body, t.priority, t.due_at, t.reminder_at, t.done_at, t.assignee,
                    a.name as assignee_name, t.record_id, t.created_by, c.name as creator_name, t.created_at, t.updated_at
             from tasks t
             left join memberships a on a.tenant_id = $1 and a.user_id = t.assignee
             left join memberships c on c.tenant_id = $1 and c.user_id = t.created_by
             where t.tenant_id = $1 ",
            $rest
        )
    };
}

fn task(work: &Work, row: &Row) -> Task {
    let (due_at, done_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
        (row.get("due_at"), row.get("done_at"));
    Task {
        id: row.get("id"),
        version: row.get("version"),
        title: row.get("title"),
        body: row.get("body"),
        priority: row.get("priority"),
        due_at,
        reminder_at: row.get("reminder_at"),
        done_at,
        overdue: done_at.is_none() && due_at.is_some_and(|due| due < work.clock.now()),
        assignee: Person { id: row.get("assignee"), name: row.get("assignee_name") },
        record: None,
        created_by: Person { id: row.get("created_by"), name: row.get("creator_name") },
        created_at: row.get("created_at"),
        updated_at: row.get("updated_at"),
        of: row.get("record_id"),
    }
}

/// Tasks with those of their records that the actor may read.
pub(super) async fn faced(work: &Work, mut tasks: Vec<Task>) -> Result<Vec<Task>, DbError> {
    let records: Vec<RecordId> = tasks.iter().filter_map(|task| task.of).collect();
    let faces = record::places(work, &records).await?;
    for task in &mut tasks {
        task.record = task.of.and_then(|id| RecordLink::of(&faces, id));
    }
    Ok(tasks)
}

pub(super) async fn list(
    work: &Work,
    which: Which,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Task>, DbError> {
    let statement = match which {
        Which::Mine => of_tasks!(
            "and t.assignee = $2 and t.done_at is null and $5::timestamptz is not null
               and ($3::uuid is null or (coalesce(t.due_at, 'infinity'), t.id) > (
                 select coalesce(b.due_at, 'infinity'), b.id from tasks b
                 where b.tenant_id = $1 and b.id = $3 and b.assignee = $2))
             order by coalesce(t.due_at, 'infinity'), t.id limit $4"
        ),
        Which::Given => of_tasks!(
            "and t.created_by = $2 and t.done_at is null and $5::timestamptz is not null
               and ($3::uuid is null or (coalesce(t.due_at, 'infinity'), t.id) > (
                 select coalesce(b.due_at, 'infinity'), b.id from tasks b
                 where b.tenant_id = $1 and b.id = $3 and b.created_by = $2))
             order by coalesce(t.due_at, 'infinity'), t.id limit $4"
        ),
        Which::Overdue => of_tasks!(
            "and t.assignee = $2 and t.done_at is null and t.due_at < $5
               and ($3::uuid is null or (t.due_at, t.id) > (
                 select b.due_at, b.id from tasks b where b.tenant_id = $1 and b.id = $3 and b.assignee = $2))
             order by t.due_at, t.id limit $4"
        ),
        Which::Done => of_tasks!(
            "and t.assignee = $2 and t.done_at is not null and $5::timestamptz is not null
               and ($3::uuid is null or (t.done_at, t.id) < (
                 select b.done_at, b.id from tasks b where b.tenant_id = $1 and b.id = $3 and b.assignee = $2))
             order by t.done_at desc, t.id desc limit $4"
        ),
    };
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&work.tx.tenant(), &work.actor.user, &after, &limit, &work.clock.now()];
    let rows = work.tx.query(statement, &params).await?;
    Ok(rows.iter().map(|row| task(work, row)).collect())
}

pub(super) async fn of_record(
    work: &Work,
    record: RecordId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Task>, DbError> {
    let rows = work
        .tx
        .query(
            of_tasks!(
                "and t.record_id = $2 and ($3::uuid is null
                   or (t.done_at is not null, coalesce(t.due_at, 'infinity'), t.id) > (
                     select b.done_at is not null, coalesce(b.due_at, 'infinity'), b.id from tasks b
                     where b.tenant_id = $1 and b.id = $3 and b.record_id = $2))
                 order by t.done_at is not null, coalesce(t.due_at, 'infinity'), t.id limit $4"
            ),
            &[&work.tx.tenant(), &record, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| task(work, row)).collect())
}

pub(super) async fn find(work: &Work, id: TaskId) -> Result<Option<Task>, DbError> {
    let row = work.tx.query_opt(of_tasks!("and t.id = $2"), &[&work.tx.tenant(), &id]).await?;
    Ok(row.map(|row| task(work, &row)))
}

pub(super) async fn lock(work: &Work, id: TaskId) -> Result<Option<Task>, DbError> {
    let statement = of_tasks!("and t.id = $2 for update of t");
    let row = work.tx.query_opt(statement, &[&work.tx.tenant(), &id]).await?;
    Ok(row.map(|row| task(work, &row)))
}

pub(super) async fn insert(work: &Work, task: &Task) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into tasks (tenant_id, id, title, body, priority, due_at, reminder_at, done_at, assignee, record_id,
               created_by, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
            &[
                &work.tx.tenant(),
                &task.id,
                &task.title,
                &task.body,
                &task.priority,
                &task.due_at,
                &task.reminder_at,
                &task.done_at,
                &task.assignee.id,
                &task.of,
                &task.created_by.id,
                &task.created_at,
            ],
        )
        .await?;
    Ok(())
}

/// Writes a task as it is to be; with another reminder it is reminded of again.
pub(super) async fn update(work: &Work, task: &Task, another_reminder: bool) -> Result<(), DbError> {
    work.tx
        .execute(
            "update tasks set version = version + 1, title = $3, body = $4, priority = $5, due_at = $6, reminder_at = $7,
               reminded_at = case when $8 then null else reminded_at end, done_at = $9, assignee = $10, updated_at = $11
             where tenant_id = $1 and id = $2",
            &[
                &work.tx.tenant(),
                &task.id,
                &task.title,
                &task.body,
                &task.priority,
                &task.due_at,
                &task.reminder_at,
                &another_reminder,
                &task.done_at,
                &task.assignee.id,
                &work.clock.now(),
            ],
        )
        .await?;
    Ok(())
}

/// Marks tasks whose reminder is due as reminded of, and gives them with who is to do them.
pub(super) async fn take_reminders(
    tx: &TenantTx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TaskId, UserId)>, DbError> {
    let rows = tx
        .query(
            "update tasks set reminded_at = $2
             where tenant_id = $1 and id in (
               select id from tasks where tenant_id = $1 and reminder_at is not null and reminder_at <= $2
                 and reminded_at is null and done_at is null
               order by reminder_at limit $3 for update skip locked)
             returning id, assignee",
            &[&tx.tenant(), &now, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
