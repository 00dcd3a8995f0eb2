//! The SQL of uploaded files.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use super::FileFace;
use crate::blob::Hash;
use crate::db::{DbError, TenantTx};
use crate::id::FileId;
use crate::work::Work;

fn face(row: &Row) -> FileFace {
    FileFace {
        id: row.get("id"),
        name: row.get("name"),
        media_type: row.get("media_type"),
        size: row.get("size"),
    }
}

/// Notes that a content is kept, and locks its row.
pub(super) async fn lock_content(work: &Work, hash: &Hash, size: i64) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into file_contents (tenant_id, hash, size, stored_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, hash) do update set stored_at = excluded.stored_at",
            &[&work.tx.tenant(), &hash.as_str(), &size, &work.clock.now()],
        )
        .await?;
    Ok(())
}

pub(super) async fn insert(work: &Work, face: &FileFace, hash: &Hash) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into files (tenant_id, id, hash, size, name, media_type, uploaded_by, uploaded_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &work.tx.tenant(),
                &face.id,
                &hash.as_str(),
                &face.size,
                &face.name,
                &face.media_type,
                &work.actor.user,
                &work.clock.now(),
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn find(tx: &TenantTx, id: FileId) -> Result<Option<(FileFace, String)>, DbError> {
    let row = tx
        .query_opt(
            "select id, name, media_type, size, hash from files where tenant_id = $1 and id = $2",
            &[&tx.tenant(), &id],
        )
        .await?;
    Ok(row.map(|row| (face(&row), row.get("hash"))))
}

pub(super) async fn unused(work: &Work, limit: i64) -> Result<Vec<FileFace>, DbError> {
    let rows = work
        .tx
        .query(
            "select f.id, f.name, f.media_type, f.size from files f
             where f.tenant_id = $1 and f.uploaded_by = $2 and not exists (
               select from file_links l where l.tenant_id = $1 and l.file_id = f.id)
             order by f.id desc limit $3",
            &[&work.tx.tenant(), &work.actor.user, &limit],
        )
        .await?;
    Ok(rows.iter().map(face).collect())
}

/// Forgets files of no record from before an instant; a batch at a time. A file that somebody attaches at this very
/// moment is held by the link's foreign key.
pub(super) async fn forget_unused(tx: &TenantTx, before: DateTime<Utc>) -> Result<usize, DbError> {
    let rows = tx
        .query(
            "with old as (
               select f.id from files f
               where f.tenant_id = $1 and f.uploaded_at < $2
                 and not exists (select from file_links l where l.tenant_id = $1 and l.file_id = f.id)
               order by f.id limit 1000 for update skip locked)
             delete from files where tenant_id = $1 and id in (select id from old)
               and not exists (select from file_links l where l.tenant_id = $1 and l.file_id = files.id)
             returning id",
            &[&tx.tenant(), &before],
        )
        .await?;
    Ok(rows.len())
}

/// Takes out contents of no file, whose rows stay locked until the commit.
pub(super) async fn take_unused_contents(
    tx: &TenantTx,
    before: DateTime<Utc>,
) -> Result<Vec<String>, DbError> {
    let rows = tx
        .query(
            "with old as (
               select c.hash from file_contents c
               where c.tenant_id = $1 and c.stored_at < $2
                 and not exists (select from files f where f.tenant_id = $1 and f.hash = c.hash)
               order by c.hash limit 1000 for update skip locked)
             delete from file_contents where tenant_id = $1 and hash in (select hash from old)
             returning hash",
            &[&tx.tenant(), &before],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
