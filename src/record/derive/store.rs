//! The statements of derived values. Every one pins the tenant.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::State;
use super::tally::Tally;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::record::store::write_derived;
use crate::record::values::Values;

/// What was left to the worker.
pub(super) struct Stale {
    pub(super) id: Uuid,
    pub(super) module: i16,
    pub(super) link: i16,
    pub(super) target: RecordId,
    pub(super) after: RecordId,
}

/// What comes to a tally.
pub(super) struct Posting {
    pub(super) record: RecordId,
    pub(super) field: i16,
    pub(super) unit: String,
    pub(super) count: i64,
    pub(super) total: Decimal,
}

fn state(row: &Row) -> State {
    State {
        live: !row.get::<_, bool>("deleted"),
        stage: row.get("stage"),
        data: row.get::<_, Json<Map<String, Value>>>("data").0,
    }
}

fn data(rows: Vec<Row>) -> HashMap<RecordId, Map<String, Value>> {
    rows.iter().map(|row| (row.get("id"), row.get::<_, Json<Map<String, Value>>>("data").0)).collect()
}

/// Data of records that stay as they are until the transaction ends.
pub(in crate::record) async fn hold(
    tx: &TenantTx,
    ids: &[RecordId],
) -> Result<HashMap<RecordId, Map<String, Value>>, DbError> {
    let rows = tx
        .query(
            "select id, data from records where tenant_id = $1 and id = any($2) order by id for share",
            &[&tx.tenant(), &ids],
        )
        .await?;
    Ok(data(rows))
}

/// [`hold`], for records that are going to be changed.
pub(in crate::record) async fn hold_for_change(
    tx: &TenantTx,
    ids: &[RecordId],
) -> Result<HashMap<RecordId, Map<String, Value>>, DbError> {
    let rows = tx.query(
        "select id, data from records where tenant_id = $1 and id = any($2) order by id for no key update",
        &[&tx.tenant(), &ids],
    ).await?;
    Ok(data(rows))
}

/// Data of records.
pub(super) async fn read(
    tx: &TenantTx,
    ids: &[RecordId],
) -> Result<HashMap<RecordId, Map<String, Value>>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = "select id, data from records where tenant_id = $1 and id = any($2)";
    Ok(data(tx.query(statement, &[&tx.tenant(), &ids]).await?))
}

/// Records, locked in the order of their ids: id, module, state.
pub(super) async fn lock(tx: &TenantTx, ids: &[RecordId]) -> Result<Vec<(RecordId, i16, State)>, DbError> {
    let rows = tx
        .query(
            "select id, module, stage, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and id = any($2) order by id for no key update",
            &[&tx.tenant(), &ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get("id"), row.get("module"), state(row))).collect())
}

/// Those of some records that nobody else holds, locked.
pub(super) async fn seize(tx: &TenantTx, ids: &[RecordId]) -> Result<Vec<(RecordId, State)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx
        .query(
            "select id, stage, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and id = any($2) order by id for no key update skip locked",
            &[&tx.tenant(), &ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get("id"), state(row))).collect())
}

/// Ids of records of any module that point to one by a relation of this number, in order, above one.
pub(super) async fn links(
    tx: &TenantTx,
    link: i16,
    target: RecordId,
    after: RecordId,
    limit: usize,
) -> Result<Vec<RecordId>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx
        .query(
            "select from_id from record_links where tenant_id = $1 and to_id = $2 and field = $3 and from_id > $4
             order by from_id limit $5",
            &[&tx.tenant(), &target, &link, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Those of some records that belong to a module, in order; also of the trash.
pub(super) async fn of_module(
    tx: &TenantTx,
    module: i16,
    ids: &[RecordId],
) -> Result<Vec<RecordId>, DbError> {
    let statement =
        "select id from records where tenant_id = $1 and id = any($2) and module = $3 order by id";
    let rows = tx.query(statement, &[&tx.tenant(), &ids, &module]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Those of some records that belong to a module and lie outside the trash.
pub(super) async fn live(tx: &TenantTx, module: i16, ids: &[RecordId]) -> Result<Vec<State>, DbError> {
    let rows = tx
        .query(
            "select stage, false as deleted, data from records
             where tenant_id = $1 and id = any($2) and module = $3 and deleted_at is null",
            &[&tx.tenant(), &ids, &module],
        )
        .await?;
    Ok(rows.iter().map(state).collect())
}

/// Ids of the next records of a module, also of the trash.
pub(super) async fn next_records(
    tx: &TenantTx,
    module: i16,
    after: RecordId,
    limit: usize,
) -> Result<Vec<RecordId>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx
        .query(
            "select id from records where tenant_id = $1 and module = $2 and id > $3 order by id limit $4",
            &[&tx.tenant(), &module, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// How many records a module has, counted up to a limit.
pub(super) async fn count(tx: &TenantTx, module: i16, limit: i64) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "select count(*) from (select 1 from records where tenant_id = $1 and module = $2 limit $3) counted",
            &[&tx.tenant(), &module, &limit],
        )
        .await?;
    Ok(row.map_or(0, |row| row.get(0)))
}

/// Writes derived values of a locked record. Its version stays: nobody has changed it.
pub(super) async fn refresh(tx: &TenantTx, id: RecordId, values: &Values) -> Result<(), DbError> {
    write_derived(tx, id, values).await
}

/// Adds to tallies.
pub(super) async fn post(tx: &TenantTx, postings: &[Posting]) -> Result<(), DbError> {
    let records: Vec<RecordId> = postings.iter().map(|posting| posting.record).collect();
    let fields: Vec<i16> = postings.iter().map(|posting| posting.field).collect();
    let units: Vec<&str> = postings.iter().map(|posting| posting.unit.as_str()).collect();
    let counts: Vec<i64> = postings.iter().map(|posting| posting.count).collect();
    let totals: Vec<String> = postings.iter().map(|posting| posting.total.to_string()).collect();
    tx.execute(
        "insert into rollup_tallies (tenant_id, record_id, field, unit, count, total)
         select $1, p.record_id, p.field, p.unit, p.count, p.total::numeric
         from unnest($2::uuid[], $3::smallint[], $4::text[], $5::bigint[], $6::text[])
           as p (record_id, field, unit, count, total)
         on conflict (tenant_id, record_id, field, unit)
         do update set count = rollup_tallies.count + excluded.count, total = rollup_tallies.total + excluded.total",
        &[&tx.tenant(), &records, &fields, &units, &counts, &totals],
    )
    .await?;
    Ok(())
}

/// The tallies of some records, by record and number of the field.
pub(super) async fn tallies(
    tx: &TenantTx,
    ids: &[RecordId],
) -> Result<HashMap<(RecordId, i16), Tally>, DbError> {
    let rows = tx
        .query(
            "select record_id, field, unit, count, total::text as total from rollup_tallies
             where tenant_id = $1 and record_id = any($2)",
            &[&tx.tenant(), &ids],
        )
        .await?;
    let mut tallies: HashMap<(RecordId, i16), Tally> = HashMap::new();
    for row in rows {
        let total: Decimal = row.get::<_, &str>("total").parse().unwrap_or_default();
        let tally = tallies.entry((row.get("record_id"), row.get("field"))).or_default();
        tally.0.insert(row.get("unit"), (row.get("count"), total));
    }
    Ok(tallies)
}

/// Puts a tally in the place of what was counted before.
pub(super) async fn replace_tally(
    tx: &TenantTx,
    record: RecordId,
    field: i16,
    tally: &Tally,
) -> Result<(), DbError> {
    tx.execute(
        "delete from rollup_tallies where tenant_id = $1 and record_id = $2 and field = $3",
        &[&tx.tenant(), &record, &field],
    )
    .await?;
    let posting = |(unit, (count, total)): (&String, &(i64, Decimal))| Posting {
        record,
        field,
        unit: unit.clone(),
        count: *count,
        total: *total,
    };
    post(tx, &tally.0.iter().map(posting).collect::<Vec<_>>()).await
}

/// Leaves records to the worker.
pub(super) async fn mark(
    tx: &TenantTx,
    module: i16,
    link: i16,
    target: RecordId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.execute(
        "insert into stale_values (tenant_id, id, module, link, target, after, at) values ($1, $2, $3, $4, $5, $6, $7)",
        &[&tx.tenant(), &Uuid::now_v7(), &module, &link, &target, &RecordId::NIL, &at],
    )
    .await?;
    Ok(())
}

/// The oldest of what was left that nobody is at, locked.
pub(super) async fn claim(tx: &TenantTx) -> Result<Option<Stale>, DbError> {
    let row = tx
        .query_opt(
            "select id, module, link, target, after from stale_values where tenant_id = $1
             order by id limit 1 for update skip locked",
            &[&tx.tenant()],
        )
        .await?;
    Ok(row.map(|row| Stale {
        id: row.get("id"),
        module: row.get("module"),
        link: row.get("link"),
        target: row.get("target"),
        after: row.get("after"),
    }))
}

/// Notes how far something that was left has been brought up.
pub(super) async fn advance(tx: &TenantTx, id: Uuid, last: RecordId) -> Result<(), DbError> {
    tx.execute(
        "update stale_values set after = $3 where tenant_id = $1 and id = $2",
        &[&tx.tenant(), &id, &last],
    )
    .await?;
    Ok(())
}

/// Nothing is left of it.
pub(super) async fn settle(tx: &TenantTx, id: Uuid) -> Result<(), DbError> {
    tx.execute("delete from stale_values where tenant_id = $1 and id = $2", &[&tx.tenant(), &id]).await?;
    Ok(())
}
