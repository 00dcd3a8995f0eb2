//! The statements about records that go to the trash, or change, because another one goes. Every one pins the tenant.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::Dependent;
use super::consequence::Pointer;
use crate::access::{Delete, Permit};
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, UserId};
use crate::limits;
use crate::record::store::{self, Changed, Current};
use crate::work::Work;

/// Links outside the trash that lead to some records by relations of which something follows; one more than may be.
pub(super) async fn pointers(
    work: &Work,
    to: &[RecordId],
    rules: &[(i16, i16)],
) -> Result<Vec<Pointer>, DbError> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let (modules, fields): (Vec<i16>, Vec<i16>) = rules.iter().copied().unzip();
    let rows = work
        .tx
        .query(
            "select l.from_id, l.field, r.module from record_links l
             join records r on r.tenant_id = l.tenant_id and r.id = l.from_id
             join unnest($3::smallint[], $4::smallint[]) as f (module, field)
               on f.module = r.module and f.field = l.field
             where l.tenant_id = $1 and l.to_id = any($2) and r.tenant_id = $1 and r.deleted_at is null
             order by l.from_id limit $5",
            &[&work.tx.tenant(), &to, &modules, &fields, &(limits::DEPARTING as i64 + 1)],
        )
        .await?;
    let pointer =
        |row: &Row| Pointer { from: row.get("from_id"), module: row.get("module"), field: row.get("field") };
    Ok(rows.iter().map(pointer).collect())
}

/// Some records outside the trash, locked until the transaction ends, in the order of their ids.
pub(super) async fn hold(work: &Work, ids: &[RecordId]) -> Result<Vec<Dependent>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = work
        .tx
        .query(
            "select id, module, version, stage, owner_id, data from records
             where tenant_id = $1 and id = any($2) and deleted_at is null order by id for update",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    Ok(dependents(work, &rows, false))
}

/// What a record took to the trash with it, locked.
pub(super) async fn taken_by(work: &Work, id: RecordId) -> Result<Vec<Dependent>, DbError> {
    let rows = work
        .tx
        .query(
            "select id, module, version, stage, owner_id, data from records
             where tenant_id = $1 and trashed_with = $2 and deleted_at is not null order by id for update",
            &[&work.tx.tenant(), &id],
        )
        .await?;
    Ok(dependents(work, &rows, true))
}

fn dependents(work: &Work, rows: &[Row], deleted: bool) -> Vec<Dependent> {
    let dependent = |row: &Row| {
        Some(Dependent {
            id: row.get("id"),
            module: work.schema.by_number(row.get("module"))?.clone(),
            current: Current {
                version: row.get("version"),
                stage: row.get("stage"),
                owner: row.get("owner_id"),
                deleted,
                data: row.get::<_, Json<Map<String, Value>>>("data").0,
            },
        })
    };
    rows.iter().filter_map(dependent).collect()
}

/// Moves locked records to the trash with another.
pub(super) async fn take(
    tx: &TenantTx,
    _: &Permit<Delete>,
    with: RecordId,
    ids: &[RecordId],
    (by, at): (UserId, DateTime<Utc>),
) -> Result<(), DbError> {
    tx.execute(
        "update records set version = version + 1, deleted_at = $4, updated_at = $4, updated_by = $5, trashed_with = $3
         where tenant_id = $1 and id = any($2)",
        &[&tx.tenant(), &ids, &with, &at, &by],
    )
    .await?;
    Ok(())
}

/// Moves locked records out of the trash.
pub(super) async fn bring_back(
    tx: &TenantTx,
    _: &Permit<Delete>,
    ids: &[RecordId],
    (by, at): (UserId, DateTime<Utc>),
) -> Result<(), DbError> {
    tx.execute(
        "update records set version = version + 1, deleted_at = null, updated_at = $3, updated_by = $4,
           trashed_with = null
         where tenant_id = $1 and id = any($2)",
        &[&tx.tenant(), &ids, &at, &by],
    )
    .await?;
    Ok(())
}

/// Writes new values over a locked record whose relations lose something because another one goes.
pub(super) async fn empty(tx: &TenantTx, _: &Permit<Delete>, record: &Changed<'_>) -> Result<(), DbError> {
    store::write_over(tx, record).await
}
