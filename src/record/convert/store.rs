//! The statements of a conversion: who has a value, and what they are to have.

use serde_json::{Map, Value};
use tokio_postgres::types::{Json, ToSql};

use crate::access::{Permit, Update};
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::record::store::SlotColumns;
use crate::record::values::Values;
use crate::schema::{Module, Slot, StoredField};
use crate::work::Work;

/// A record that has a value of the field.
pub(super) struct Holder {
    pub(super) id: RecordId,
    pub(super) version: i32,
    pub(super) stage: i16,
    pub(super) deleted: bool,
    pub(super) title: String,
    pub(super) data: Map<String, Value>,
}

/// How many records have a value of a field, in the trash too; counts no further than `cap`.
pub(super) async fn count(tx: &TenantTx, module: i16, key: &str, cap: i64) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "select count(*) from (select from records where tenant_id = $1 and module = $2 and data ? $3 limit $4) held",
            &[&tx.tenant(), &module, &key, &cap],
        )
        .await?;
    Ok(row.map(|row| row.get(0)).unwrap_or_default())
}

/// The next records, by id, that have a value of a field, in the trash too.
pub(super) async fn holders(
    tx: &TenantTx,
    module: i16,
    key: &str,
    after: RecordId,
    limit: i64,
) -> Result<Vec<Holder>, DbError> {
    let rows = tx
        .query(
            "select id, version, stage, deleted_at is not null as deleted, title, data from records
             where tenant_id = $1 and module = $2 and data ? $3 and id > $4 order by id limit $5",
            &[&tx.tenant(), &module, &key, &after, &limit],
        )
        .await?;
    let holder = |row: &tokio_postgres::Row| Holder {
        id: row.get("id"),
        version: row.get("version"),
        stage: row.get("stage"),
        deleted: row.get("deleted"),
        title: row.get("title"),
        data: row.get::<_, Json<Map<String, Value>>>("data").0,
    };
    Ok(rows.iter().map(holder).collect())
}

/// Writes new values over many records in one statement. The permit reaches all records of the module.
pub(super) async fn rewrite(
    work: &Work,
    _: &Permit<Update>,
    records: &[(RecordId, Values)],
) -> Result<(), DbError> {
    let (tenant, now, by) = (work.tx.tenant(), work.clock.now(), work.actor.user);
    let ids: Vec<RecordId> = records.iter().map(|(id, _)| *id).collect();
    let titles: Vec<&str> = records.iter().map(|(_, values)| values.title.as_str()).collect();
    let searches: Vec<&str> = records.iter().map(|(_, values)| values.search.as_str()).collect();
    let data: Vec<Json<&Map<String, Value>>> = records.iter().map(|(_, values)| Json(&values.data)).collect();
    let columns = SlotColumns::of(records.iter().map(|(_, values)| values));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&tenant, &now, &by, &ids, &titles, &searches, &data];
    columns.bind(&mut params);
    work.tx.execute(REWRITE, &params).await?;
    Ok(())
}

const REWRITE: &str = "update records r set version = r.version + 1, updated_at = $2, updated_by = $3, title = c.title, \
       search = c.search, data = c.data, n1 = c.n1, n2 = c.n2, n3 = c.n3, n4 = c.n4, n5 = c.n5, n6 = c.n6, \
       d1 = c.d1, d2 = c.d2, d3 = c.d3, d4 = c.d4, t1 = c.t1, t2 = c.t2, t3 = c.t3, t4 = c.t4, t5 = c.t5, t6 = c.t6, \
       t7 = c.t7, t8 = c.t8, t9 = c.t9, t10 = c.t10, u1 = c.u1, u2 = c.u2 \
     from unnest($4::uuid[], $5::text[], $6::text[], $7::jsonb[], \
       $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], \
       $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], \
       $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[], \
       $26::text[], $27::text[], $28::text[], $29::text[]) \
     as c (id, title, search, data, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4, \
       t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, u1, u2) \
     where r.tenant_id = $1 and r.id = c.id";

/// Writes the ranks of a choice's options anew into its slot, for the next records by id; gives the last of them.
/// Values stay as they are, so no version grows.
pub(super) async fn rerank(
    tx: &TenantTx,
    module: &Module,
    stored: &StoredField,
    slot: Slot,
    after: RecordId,
    limit: i64,
) -> Result<Option<RecordId>, DbError> {
    let keys: Vec<&str> = stored.field.options().iter().map(|option| option.key.as_str()).collect();
    let rows = tx
        .query(
            RERANK,
            &[&tx.tenant(), &module.number, &stored.field.key, &slot.column(), &keys, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get::<_, RecordId>(0)).max())
}

const RERANK: &str = "update records r set \
       t2 = case $4 when 't2' then c.rank else r.t2 end, t3 = case $4 when 't3' then c.rank else r.t3 end, \
       t4 = case $4 when 't4' then c.rank else r.t4 end, t5 = case $4 when 't5' then c.rank else r.t5 end, \
       t6 = case $4 when 't6' then c.rank else r.t6 end, t7 = case $4 when 't7' then c.rank else r.t7 end, \
       t8 = case $4 when 't8' then c.rank else r.t8 end, t9 = case $4 when 't9' then c.rank else r.t9 end, \
       t10 = case $4 when 't10' then c.rank else r.t10 end \
     from (select id, lpad((coalesce(array_position($5::text[], data ->> $3), 1000) - 1)::text, 3, '0') \
             || ' ' || (data ->> $3) as rank \
           from records where tenant_id = $1 and module = $2 and data ? $3 and id > $6 order by id limit $7) c \
     where r.tenant_id = $1 and r.id = c.id returning r.id";
