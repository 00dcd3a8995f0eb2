//! The SQL of comments.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;

use super::Comment;
use crate::around::Person;
use crate::db::DbError;
use crate::id::{CommentId, RecordId, UserId};
use crate::record;
use crate::work::Work;

pub(super) async fn list(
    work: &Work,
    record: RecordId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Comment>, DbError> {
    let rows = work
        .tx
        .query(
            "select id, record_id, body, mentions, created_by, created_at, edited_at, deleted_at from comments
             where tenant_id = $1 and record_id = $2 and ($3::uuid is null or id < $3)
             order by id desc limit $4",
            &[&work.tx.tenant(), &record, &after, &limit],
        )
        .await?;
    comments(work, &rows).await
}

pub(super) async fn find(work: &Work, id: CommentId) -> Result<Option<Comment>, DbError> {
    let rows = work
        .tx
        .query(
            "select id, record_id, body, mentions, created_by, created_at, edited_at, deleted_at from comments
             where tenant_id = $1 and id = $2",
            &[&work.tx.tenant(), &id],
        )
        .await?;
    Ok(comments(work, &rows).await?.pop())
}

async fn comments(work: &Work, rows: &[Row]) -> Result<Vec<Comment>, DbError> {
    let mut people: Vec<UserId> = rows.iter().flat_map(|row| row.get::<_, Vec<UserId>>("mentions")).collect();
    people.extend(rows.iter().map(|row| row.get::<_, UserId>("created_by")));
    people.sort_unstable();
    people.dedup();
    let names = record::names(work, &people).await?;
    Ok(rows.iter().map(|row| comment(work, row, &names)).collect())
}

fn comment(work: &Work, row: &Row, names: &HashMap<UserId, String>) -> Comment {
    let person = |id: UserId| Person { id, name: names.get(&id).cloned() };
    let by: UserId = row.get("created_by");
    let there = row.get::<_, Option<chrono::DateTime<chrono::Utc>>>("deleted_at").is_none();
    let own = there && by == work.actor.user;
    Comment {
        id: row.get("id"),
        record: row.get("record_id"),
        body: row.get("body"),
        mentions: row.get::<_, Vec<UserId>>("mentions").into_iter().map(person).collect(),
        by: person(by),
        created_at: row.get("created_at"),
        edited_at: row.get("edited_at"),
        deleted_at: row.get("deleted_at"),
        can_edit: own,
        can_delete: own || there && work.actor.is_owner(),
    }
}

pub(super) async fn insert(
    work: &Work,
    id: CommentId,
    record: RecordId,
    body: &str,
    mentions: &[UserId],
) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into comments (tenant_id, id, record_id, body, mentions, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[&work.tx.tenant(), &id, &record, &body, &mentions, &work.actor.user, &work.clock.now()],
        )
        .await?;
    Ok(())
}

pub(super) async fn update(
    work: &Work,
    id: CommentId,
    body: &str,
    mentions: &[UserId],
) -> Result<(), DbError> {
    work.tx
        .execute(
            "update comments set body = $3, mentions = $4, edited_at = $5
             where tenant_id = $1 and id = $2 and deleted_at is null",
            &[&work.tx.tenant(), &id, &body, &mentions, &work.clock.now()],
        )
        .await?;
    Ok(())
}

pub(super) async fn delete(work: &Work, id: CommentId) -> Result<(), DbError> {
    work.tx
        .execute(
            "update comments set body = '', mentions = '{}', deleted_at = $3
             where tenant_id = $1 and id = $2 and deleted_at is null",
            &[&work.tx.tenant(), &id, &work.clock.now()],
        )
        .await?;
    Ok(())
}
