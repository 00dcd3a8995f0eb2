//! The statements that write records and read single ones. Every one pins the tenant.

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::{Json, ToSql};

use super::values::Values;
use crate::access::{Create, Delete, Permit, Update};
use crate::db::{DbError, TenantTx};
use crate::field::Key;
use crate::id::{RecordId, UserId};
use crate::schema::{Family, Slot};

/// A record about to be inserted.
pub(super) struct NewRecord<'a> {
    pub(super) id: RecordId,
    pub(super) module: i16,
    pub(super) stage: i16,
    pub(super) owner: Option<UserId>,
    pub(super) by: UserId,
    pub(super) at: DateTime<Utc>,
    pub(super) source: &'a str,
    pub(super) values: &'a Values,
}

/// A record as it lies in the table, for a change.
pub(super) struct Current {
    pub(super) version: i32,
    pub(super) stage: i16,
    pub(super) owner: Option<UserId>,
    pub(super) deleted: bool,
    pub(super) data: Map<String, Value>,
}

/// Slot values, each in a variable of its column's type, in the order of [`Slot::all`].
#[derive(Default)]
struct SlotValues {
    numbers: Vec<Option<f64>>,
    instants: Vec<Option<DateTime<Utc>>>,
    texts: Vec<Option<String>>,
}

impl SlotValues {
    fn of(values: &Values) -> Self {
        Self::sorted(&values.slots)
    }

    /// Keys in the order of [`Slot::all`].
    fn sorted(keys: &[Option<Key>]) -> Self {
        let mut sorted = Self::default();
        for (slot, key) in Slot::all().zip(keys) {
            match (slot.family(), key) {
                (Family::Number, Some(Key::Number(number))) => sorted.numbers.push(Some(*number)),
                (Family::Number, _) => sorted.numbers.push(None),
                (Family::Instant, Some(Key::Instant(at))) => sorted.instants.push(Some(*at)),
                (Family::Instant, _) => sorted.instants.push(None),
                (Family::Text | Family::Unique, Some(Key::Text(text))) => {
                    sorted.texts.push(Some(text.clone()))
                }
                (Family::Text | Family::Unique, _) => sorted.texts.push(None),
            }
        }
        sorted
    }

    fn bind<'a>(&'a self, params: &mut Vec<&'a (dyn ToSql + Sync)>) {
        params.extend(self.numbers.iter().map(|value| value as &(dyn ToSql + Sync)));
        params.extend(self.instants.iter().map(|value| value as &(dyn ToSql + Sync)));
        params.extend(self.texts.iter().map(|value| value as &(dyn ToSql + Sync)));
    }
}

/// Inserts a record. The permit and the checked values are the proofs that it may be.
pub(super) async fn insert(tx: &TenantTx, _: &Permit<Create>, record: &NewRecord<'_>) -> Result<(), DbError> {
    let (tenant, data, slots) = (tx.tenant(), Json(&record.values.data), SlotValues::of(record.values));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![
        &tenant,
        &record.id,
        &record.module,
        &record.stage,
        &record.owner,
        &record.at,
        &record.by,
        &record.source,
        &record.values.title,
        &record.values.search,
        &data,
    ];
    slots.bind(&mut params);
    tx.execute(
        "insert into records (tenant_id, id, module, stage, stage_entered_at, owner_id, created_at, created_by,
           updated_at, updated_by, source, title, search, data, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4,
           t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, u1, u2)
         values ($1, $2, $3, $4::smallint, case when $4::smallint <> 0 then $6::timestamptz end,
           $5, $6::timestamptz, $7, $6::timestamptz, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
           $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)",
        &params,
    )
    .await?;
    Ok(())
}

/// Inserts many records of one module in one statement.
pub(super) async fn insert_all(
    tx: &TenantTx,
    _: &Permit<Create>,
    records: &[NewRecord<'_>],
) -> Result<(), DbError> {
    let Some(first) = records.first() else { return Ok(()) };
    let tenant = tx.tenant();
    let ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
    let stages: Vec<i16> = records.iter().map(|record| record.stage).collect();
    let owners: Vec<Option<UserId>> = records.iter().map(|record| record.owner).collect();
    let titles: Vec<&str> = records.iter().map(|record| record.values.title.as_str()).collect();
    let searches: Vec<&str> = records.iter().map(|record| record.values.search.as_str()).collect();
    let data: Vec<Json<&Map<String, Value>>> =
        records.iter().map(|record| Json(&record.values.data)).collect();
    let columns = SlotColumns::of(records.iter().map(|record| record.values));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![
        &tenant,
        &first.module,
        &first.at,
        &first.by,
        &first.source,
        &ids,
        &stages,
        &owners,
        &titles,
        &searches,
        &data,
    ];
    columns.bind(&mut params);
    tx.execute(INSERT_ALL, &params).await?;
    Ok(())
}

const INSERT_ALL: &str = "insert into records (tenant_id, id, module, stage, stage_entered_at, owner_id, \
       created_at, created_by, updated_at, updated_by, source, title, search, data, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4, \
       t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, u1, u2) \
     select $1, r.id, $2, r.stage, case when r.stage <> 0 then $3::timestamptz end, r.owner_id, \
       $3::timestamptz, $4, $3::timestamptz, $4, $5, r.title, r.search, r.data, \
       r.n1, r.n2, r.n3, r.n4, r.n5, r.n6, r.d1, r.d2, r.d3, r.d4, \
       r.t1, r.t2, r.t3, r.t4, r.t5, r.t6, r.t7, r.t8, r.t9, r.t10, r.u1, r.u2 \
     from unnest($6::uuid[], $7::smallint[], $8::uuid[], $9::text[], $10::text[], $11::jsonb[], \
       $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::float8[], $17::float8[], \
       $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], \
       $22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::text[], $28::text[], $29::text[], \
       $30::text[], $31::text[], $32::text[], $33::text[]) \
     as r (id, stage, owner_id, title, search, data, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4, \
       t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, u1, u2)";

/// Slot values of many records, column by column, in the order of [`Slot::all`].
#[derive(Default)]
pub(super) struct SlotColumns {
    numbers: Vec<Vec<Option<f64>>>,
    instants: Vec<Vec<Option<DateTime<Utc>>>>,
    texts: Vec<Vec<Option<String>>>,
}

impl SlotColumns {
    pub(super) fn of<'v>(values: impl IntoIterator<Item = &'v Values>) -> Self {
        let mut columns = Self::default();
        for values in values {
            columns.push(&values.slots);
        }
        columns
    }

    /// The keys of one more record, in the order of [`Slot::all`].
    pub(super) fn push(&mut self, keys: &[Option<Key>]) {
        let row = SlotValues::sorted(keys);
        spread(&mut self.numbers, row.numbers);
        spread(&mut self.instants, row.instants);
        spread(&mut self.texts, row.texts);
    }

    pub(super) fn bind<'a>(&'a self, params: &mut Vec<&'a (dyn ToSql + Sync)>) {
        params.extend(self.numbers.iter().map(|column| column as &(dyn ToSql + Sync)));
        params.extend(self.instants.iter().map(|column| column as &(dyn ToSql + Sync)));
        params.extend(self.texts.iter().map(|column| column as &(dyn ToSql + Sync)));
    }
}

/// Puts each value of a row under its column; every row has as many as the first.
fn spread<T>(columns: &mut Vec<Vec<T>>, row: Vec<T>) {
    columns.resize_with(row.len(), Vec::new);
    for (column, value) in columns.iter_mut().zip(row) {
        column.push(value);
    }
}

/// A changed record.
pub(super) struct Changed<'a> {
    pub(super) id: RecordId,
    pub(super) stage: i16,
    pub(super) owner: Option<UserId>,
    pub(super) by: UserId,
    pub(super) at: DateTime<Utc>,
    pub(super) values: &'a Values,
}

/// Writes new values over a record that the transaction has locked ([`lock`]).
pub(super) async fn update(tx: &TenantTx, _: &Permit<Update>, record: &Changed<'_>) -> Result<(), DbError> {
    write_over(tx, record).await
}

/// As [`update`], for those who hold another proof.
pub(super) async fn write_over(tx: &TenantTx, record: &Changed<'_>) -> Result<(), DbError> {
    let (tenant, data, slots) = (tx.tenant(), Json(&record.values.data), SlotValues::of(record.values));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![
        &tenant,
        &record.id,
        &record.stage,
        &record.owner,
        &record.at,
        &record.by,
        &record.values.title,
        &record.values.search,
        &data,
    ];
    slots.bind(&mut params);
    tx.execute(
        "update records set version = version + 1, stage = $3::smallint, owner_id = $4, updated_at = $5::timestamptz,
           updated_by = $6, stage_entered_at = case when stage = $3::smallint then stage_entered_at else $5::timestamptz end,
           title = $7, search = $8, data = $9, n1 = $10, n2 = $11, n3 = $12, n4 = $13, n5 = $14, n6 = $15,
           d1 = $16, d2 = $17, d3 = $18, d4 = $19, t1 = $20, t2 = $21, t3 = $22, t4 = $23, t5 = $24, t6 = $25,
           t7 = $26, t8 = $27, t9 = $28, t10 = $29, u1 = $30, u2 = $31
         where tenant_id = $1 and id = $2",
        &params,
    )
    .await?;
    Ok(())
}

/// Writes derived values over those of a locked record: no new version, for nobody has changed it.
pub(super) async fn write_derived(tx: &TenantTx, id: RecordId, values: &Values) -> Result<(), DbError> {
    let (tenant, data, slots) = (tx.tenant(), Json(&values.data), SlotValues::of(values));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&tenant, &id, &values.title, &values.search, &data];
    slots.bind(&mut params);
    tx.execute(
        "update records set title = $3, search = $4, data = $5, n1 = $6, n2 = $7, n3 = $8, n4 = $9, n5 = $10,
           n6 = $11, d1 = $12, d2 = $13, d3 = $14, d4 = $15, t1 = $16, t2 = $17, t3 = $18, t4 = $19, t5 = $20,
           t6 = $21, t7 = $22, t8 = $23, t9 = $24, t10 = $25, u1 = $26, u2 = $27
         where tenant_id = $1 and id = $2",
        &params,
    )
    .await?;
    Ok(())
}

/// Moves a locked record to the trash, or back out of it.
pub(super) async fn set_deleted(
    tx: &TenantTx,
    _: &Permit<Delete>,
    id: RecordId,
    deleted_at: Option<DateTime<Utc>>,
    (by, at): (UserId, DateTime<Utc>),
) -> Result<(), DbError> {
    tx.execute(
        "update records set version = version + 1, deleted_at = $3, updated_at = $4, updated_by = $5, trashed_with = null
         where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &id, &deleted_at, &at, &by],
    )
    .await?;
    Ok(())
}

/// A record of a module, locked until the transaction ends; also from the trash.
pub(super) async fn lock(tx: &TenantTx, module: i16, id: RecordId) -> Result<Option<Current>, DbError> {
    let row = tx
        .query_opt(
            "select version, stage, owner_id, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and id = $2 and module = $3 for update",
            &[&tx.tenant(), &id, &module],
        )
        .await?;
    Ok(row.map(|row: Row| current(&row)))
}

/// A record of a module as it is now; also from the trash.
pub(super) async fn find(tx: &TenantTx, module: i16, id: RecordId) -> Result<Option<Current>, DbError> {
    let row = tx
        .query_opt(
            "select version, stage, owner_id, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and id = $2 and module = $3",
            &[&tx.tenant(), &id, &module],
        )
        .await?;
    Ok(row.map(|row: Row| current(&row)))
}

fn current(row: &Row) -> Current {
    Current {
        version: row.get("version"),
        stage: row.get("stage"),
        owner: row.get("owner_id"),
        deleted: row.get("deleted"),
        data: row.get::<_, Json<Map<String, Value>>>("data").0,
    }
}

/// What some records point to by a relation to their own module, by record. The records keep it until the transaction
/// ends. It is read from the row that is locked: a link beside it could be older than the lock.
pub(super) async fn hold_parents(
    tx: &TenantTx,
    key: &str,
    ids: &[RecordId],
) -> Result<Vec<(RecordId, RecordId)>, DbError> {
    let rows = tx
        .query(
            "select id, (data ->> $3)::uuid as parent from records
             where tenant_id = $1 and id = any($2) order by id for share",
            &[&tx.tenant(), &ids, &key],
        )
        .await?;
    Ok(rows.iter().filter_map(|row| Some((row.get(0), row.get::<_, Option<RecordId>>(1)?))).collect())
}

/// Records outside the trash with one of some keys in a unique slot: `id`, `version`, `owner_id`, `data`, `key`.
pub(super) async fn by_unique(
    tx: &TenantTx,
    module: i16,
    slot: Slot,
    keys: &[String],
) -> Result<Vec<Row>, DbError> {
    let statement = match slot.column() {
        "u1" => {
            "select id, version, owner_id, data, u1 as key from records
             where tenant_id = $1 and module = $2 and u1 = any($3) and deleted_at is null"
        }
        _ => {
            "select id, version, owner_id, data, u2 as key from records
             where tenant_id = $1 and module = $2 and u2 = any($3) and deleted_at is null"
        }
    };
    tx.query(statement, &[&tx.tenant(), &module, &keys]).await
}

/// Takes the next `count` numbers of a series; gives the first. Whoever takes some holds the series until the
/// transaction ends, so there are no holes.
pub(super) async fn take_numbers(tx: &TenantTx, series: &str, count: i64) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "insert into counters (tenant_id, key, value) values ($1, $2, $3)
             on conflict (tenant_id, key) do update set value = counters.value + excluded.value returning value",
            &[&tx.tenant(), &series, &count],
        )
        .await?;
    let last: Option<i64> = row.map(|row| row.get(0));
    let first = last.and_then(|last| last.checked_sub(count - 1));
    first.ok_or_else(|| DbError::Configuration("the series gave no number".into()))
}

/// Links a record to others by a relation field.
pub(super) async fn link(tx: &TenantTx, from: RecordId, links: &[(i16, RecordId)]) -> Result<(), DbError> {
    try_join_all(links.iter().map(async |(field, to)| {
        tx.execute(
            "insert into record_links (tenant_id, from_id, field, to_id) values ($1, $2, $3, $4)",
            &[&tx.tenant(), &from, field, to],
        )
        .await
    }))
    .await?;
    Ok(())
}

/// Links many records to others, in one statement: (from, field number, to).
pub(super) async fn link_all(tx: &TenantTx, links: &[(RecordId, i16, RecordId)]) -> Result<(), DbError> {
    if links.is_empty() {
        return Ok(());
    }
    let from: Vec<RecordId> = links.iter().map(|(from, _, _)| *from).collect();
    let fields: Vec<i16> = links.iter().map(|(_, field, _)| *field).collect();
    let to: Vec<RecordId> = links.iter().map(|(_, _, to)| *to).collect();
    tx.execute(
        "insert into record_links (tenant_id, from_id, field, to_id)
         select $1, l.from_id, l.field, l.to_id from unnest($2::uuid[], $3::smallint[], $4::uuid[])
           as l (from_id, field, to_id)",
        &[&tx.tenant(), &from, &fields, &to],
    )
    .await?;
    Ok(())
}

/// Removes the links of a record's relation fields.
pub(super) async fn unlink(tx: &TenantTx, from: RecordId, fields: &[i16]) -> Result<(), DbError> {
    if fields.is_empty() {
        return Ok(());
    }
    tx.execute(
        "delete from record_links where tenant_id = $1 and from_id = $2 and field = any($3)",
        &[&tx.tenant(), &from, &fields],
    )
    .await?;
    Ok(())
}
