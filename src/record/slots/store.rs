//! The statements that go over records for the sake of their slots.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::record::store::SlotColumns;

/// The next records of a module after one, in the order of their ids, locked: `id`, `title`, `data`.
pub(super) async fn lock_next(
    tx: &TenantTx,
    module: i16,
    after: RecordId,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    tx.query(
        "select id, title, data from records where tenant_id = $1 and module = $2 and id > $3
         order by id limit $4 for update",
        &[&tx.tenant(), &module, &after, &limit],
    )
    .await
}

/// How many records a module has.
pub(super) async fn count(tx: &TenantTx, module: i16) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "select count(*) from records where tenant_id = $1 and module = $2",
            &[&tx.tenant(), &module],
        )
        .await?;
    Ok(row.map_or(0, |row| row.get(0)))
}

/// Writes the slots of records that the transaction has locked, and nothing else of them.
pub(super) async fn update(tx: &TenantTx, ids: &[RecordId], columns: &SlotColumns) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&tenant, &ids];
    columns.bind(&mut params);
    tx.execute(
        "update records r set n1 = s.n1, n2 = s.n2, n3 = s.n3, n4 = s.n4, n5 = s.n5, n6 = s.n6,
           d1 = s.d1, d2 = s.d2, d3 = s.d3, d4 = s.d4, t1 = s.t1, t2 = s.t2, t3 = s.t3, t4 = s.t4, t5 = s.t5,
           t6 = s.t6, t7 = s.t7, t8 = s.t8, t9 = s.t9, t10 = s.t10, u1 = s.u1, u2 = s.u2
         from unnest($2::uuid[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
           $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
           $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
           $21::text[], $22::text[], $23::text[], $24::text[])
         as s (id, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, u1, u2)
         where r.tenant_id = $1 and r.id = s.id",
        &params,
    )
    .await?;
    Ok(())
}
