//! The SQL of files that records refer to.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::{ATTACHED, FileFace};
use crate::db::{DbError, TenantTx};
use crate::id::{FileId, RecordId};
use crate::work::Work;

/// A use of a file: by a record, or by none.
pub(super) struct Use {
    pub(super) file: FileId,
    pub(super) record: Option<RecordId>,
    /// The number of the record's module, and of the field that holds the file.
    pub(super) place: Option<(i16, i16)>,
    /// The actor has uploaded it.
    pub(super) own: bool,
}

fn face(row: &Row) -> FileFace {
    FileFace {
        id: row.get("id"),
        name: row.get("name"),
        media_type: row.get("media_type"),
        size: row.get("size"),
    }
}

pub(super) async fn faces(tx: &TenantTx, ids: &[FileId]) -> Result<HashMap<FileId, FileFace>, DbError> {
    let rows = tx
        .query(
            "select id, name, media_type, size from files where tenant_id = $1 and id = any($2)",
            &[&tx.tenant(), &ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get("id"), face(row))).collect())
}

pub(super) async fn uses(work: &Work, files: &[FileId]) -> Result<Vec<Use>, DbError> {
    let rows = work
        .tx
        .query(
            "select f.id, l.record_id, l.field, r.module, f.uploaded_by = $3 as own from files f
             left join file_links l on l.tenant_id = $1 and l.file_id = f.id
             left join records r on r.tenant_id = $1 and r.id = l.record_id
             where f.tenant_id = $1 and f.id = any($2)",
            &[&work.tx.tenant(), &files, &work.actor.user],
        )
        .await?;
    let used = |row: &Row| Use {
        file: row.get("id"),
        record: row.get("record_id"),
        place: row.get::<_, Option<i16>>("module").zip(row.get("field")),
        own: row.get("own"),
    };
    Ok(rows.iter().map(used).collect())
}

pub(super) async fn attached(tx: &TenantTx, record: RecordId) -> Result<Vec<FileFace>, DbError> {
    let rows = tx
        .query(
            "select f.id, f.name, f.media_type, f.size from file_links l
             join files f on f.tenant_id = $1 and f.id = l.file_id
             where l.tenant_id = $1 and l.record_id = $2 and l.field = $3
             order by l.added_at, f.id",
            &[&tx.tenant(), &record, &ATTACHED],
        )
        .await?;
    Ok(rows.iter().map(face).collect())
}

/// Links records to files, in one statement: (record, field number, file). What is linked already stays so.
pub(in crate::record) async fn link_all(
    work: &Work,
    links: &[(RecordId, i16, FileId)],
) -> Result<(), DbError> {
    if links.is_empty() {
        return Ok(());
    }
    let records: Vec<RecordId> = links.iter().map(|(record, _, _)| *record).collect();
    let fields: Vec<i16> = links.iter().map(|(_, field, _)| *field).collect();
    let files: Vec<FileId> = links.iter().map(|(_, _, file)| *file).collect();
    work.tx
        .execute(
            "insert into file_links (tenant_id, record_id, field, file_id, added_by, added_at)
             select $1, l.record_id, l.field, l.file_id, $2, $3
             from unnest($4::uuid[], $5::smallint[], $6::uuid[]) as l (record_id, field, file_id)
             on conflict (tenant_id, record_id, field, file_id) do nothing",
            &[&work.tx.tenant(), &work.actor.user, &work.clock.now(), &records, &fields, &files],
        )
        .await?;
    Ok(())
}

/// Removes the links of a record's file fields.
pub(in crate::record) async fn unlink(
    tx: &TenantTx,
    record: RecordId,
    fields: &[i16],
) -> Result<(), DbError> {
    tx.execute(
        "delete from file_links where tenant_id = $1 and record_id = $2 and field = any($3)",
        &[&tx.tenant(), &record, &fields],
    )
    .await?;
    Ok(())
}

pub(super) async fn detach(tx: &TenantTx, record: RecordId, file: FileId) -> Result<bool, DbError> {
    let removed = tx
        .execute(
            "delete from file_links where tenant_id = $1 and record_id = $2 and field = $3 and file_id = $4",
            &[&tx.tenant(), &record, &ATTACHED, &file],
        )
        .await?;
    Ok(removed > 0)
}
