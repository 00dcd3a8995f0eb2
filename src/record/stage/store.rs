//! The statements of stages: history, totals, and records that are moved because their stage goes away.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::history::{Label, Passage, Reason};
use super::totals::Sum;
use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, UserId};
use crate::pipeline::{PipelineDefinition, Stage};
use crate::record::output::Named;

/// A stay in a stage that begins.
pub(super) struct NewPassage<'a> {
    pub(super) record: RecordId,
    pub(super) pipeline: &'a PipelineDefinition,
    pub(super) stage: &'a Stage,
    pub(super) reason_key: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
}

/// Begins stays.
pub(super) async fn enter(
    tx: &TenantTx,
    passages: &[NewPassage<'_>],
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    if passages.is_empty() {
        return Ok(());
    }
    let column = |text: fn(&NewPassage<'_>) -> String| passages.iter().map(text).collect::<Vec<String>>();
    let ids: Vec<Uuid> = passages.iter().map(|_| Uuid::now_v7()).collect();
    let records: Vec<RecordId> = passages.iter().map(|passage| passage.record).collect();
    let stages: Vec<i16> = passages.iter().map(|passage| passage.stage.number).collect();
    let pipelines = column(|passage| passage.pipeline.key.clone());
    let pipeline_labels = column(|passage| passage.pipeline.label.clone());
    let keys = column(|passage| passage.stage.key.clone());
    let labels = column(|passage| passage.stage.label.clone());
    let categories = column(|passage| passage.stage.category.word().to_owned());
    let reason_keys: Vec<Option<&str>> = passages.iter().map(|passage| passage.reason_key).collect();
    let reasons: Vec<Option<&str>> = passages.iter().map(|passage| passage.reason).collect();
    let tenant = tx.tenant();
    let names: [&(dyn ToSql + Sync); 5] = [&pipelines, &pipeline_labels, &keys, &labels, &categories];
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&tenant, &at, &by, &records, &ids, &stages];
    params.extend(names);
    params.extend([&reason_keys as &(dyn ToSql + Sync), &reasons]);
    tx.execute(ENTER, &params).await?;
    Ok(())
}

const ENTER: &str = "insert into stage_history (tenant_id, record_id, id, stage, pipeline_key, pipeline_label, \
       stage_key, stage_label, category, entered_at, entered_by, reason_key, reason) \
     select $1, p.record_id, p.id, p.stage, p.pipeline_key, p.pipeline_label, p.stage_key, p.stage_label, \
       p.category, $2, $3, p.reason_key, p.reason \
     from unnest($4::uuid[], $5::uuid[], $6::smallint[], $7::text[], $8::text[], $9::text[], $10::text[], \
         $11::text[], $12::text[], $13::text[]) \
       as p (record_id, id, stage, pipeline_key, pipeline_label, stage_key, stage_label, category, reason_key, reason)";

/// Ends the present stays of records.
pub(super) async fn leave(tx: &TenantTx, records: &[RecordId], at: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute(
        "update stage_history set left_at = $3
         where tenant_id = $1 and record_id = any($2) and left_at is null",
        &[&tx.tenant(), &records, &at],
    )
    .await?;
    Ok(())
}

/// Every stay of a record, the latest first.
pub(super) async fn passages(
    tx: &TenantTx,
    record: RecordId,
    now: DateTime<Utc>,
) -> Result<Vec<Passage>, DbError> {
    let rows = tx
        .query(
            "select h.pipeline_key, h.pipeline_label, h.stage_key, h.stage_label, h.category, h.entered_at,
                    h.entered_by, m.name, h.left_at, h.reason_key, h.reason
             from stage_history h
             left join memberships m on m.tenant_id = $1 and m.user_id = h.entered_by
             where h.tenant_id = $1 and h.record_id = $2 order by h.id desc",
            &[&tx.tenant(), &record],
        )
        .await?;
    Ok(rows.iter().map(|row| passage(row, now)).collect())
}

fn passage(row: &Row, now: DateTime<Utc>) -> Passage {
    let entered_at: DateTime<Utc> = row.get(5);
    let left_at: Option<DateTime<Utc>> = row.get(8);
    let reason: Option<String> = row.get(10);
    Passage {
        pipeline: Label { key: row.get(0), label: row.get(1) },
        stage: Label { key: row.get(2), label: row.get(3) },
        category: row.get(4),
        entered_at,
        entered_by: row.get::<_, Option<UserId>>(6).map(|id| Named { id, name: row.get(7) }),
        left_at,
        seconds: (left_at.unwrap_or(now) - entered_at).num_seconds().max(0),
        reason: reason.map(|label| Reason { key: row.get(9), label }),
    }
}

/// What stages change by, in records and amount, by stage and currency.
pub(super) type Changes<'a> = BTreeMap<(i16, &'a str), (i64, Decimal)>;

/// Rows of totals that one fold takes together.
const FOLDED: i64 = 256;

/// Appends to a module's totals; one writer in 32 folds what has gathered.
pub(super) async fn append(tx: &TenantTx, module: i16, changes: &Changes<'_>) -> Result<(), DbError> {
    let ids: Vec<Uuid> = changes.iter().map(|_| Uuid::now_v7()).collect();
    let stages: Vec<i16> = changes.keys().map(|(stage, _)| *stage).collect();
    let currencies: Vec<&str> = changes.keys().map(|(_, currency)| *currency).collect();
    let records: Vec<i64> = changes.values().map(|(records, _)| *records).collect();
    let amounts: Vec<String> = changes.values().map(|(_, amount)| amount.to_string()).collect();
    tx.execute(
        "insert into stage_totals (tenant_id, module, id, stage, currency, records, amount)
         select $1, $2, t.id, t.stage, t.currency, t.records, t.amount::numeric
         from unnest($3::uuid[], $4::smallint[], $5::text[], $6::bigint[], $7::text[])
           as t (id, stage, currency, records, amount)",
        &[&tx.tenant(), &module, &ids, &stages, &currencies, &records, &amounts],
    )
    .await?;
    match ids.first().is_some_and(|id| id.as_bytes()[15] % 32 == 0) {
        true => fold(tx, module).await,
        false => Ok(()),
    }
}

/// Puts rows that nobody else is folding together. The sum is the same before and after, for whoever looks.
async fn fold(tx: &TenantTx, module: i16) -> Result<(), DbError> {
    tx.execute(
        "with gone as (
           delete from stage_totals t where t.tenant_id = $1 and t.module = $2 and t.id in (
             select s.id from stage_totals s where s.tenant_id = $1 and s.module = $2
             order by s.id limit $3 for update skip locked)
           returning t.stage, t.currency, t.records, t.amount)
         insert into stage_totals (tenant_id, module, id, stage, currency, records, amount)
         select $1, $2, gen_random_uuid(), stage, currency, sum(records), sum(amount) from gone
         group by stage, currency",
        &[&tx.tenant(), &module, &FOLDED],
    )
    .await?;
    Ok(())
}

/// The sums of a module's totals.
pub(super) async fn kept(tx: &TenantTx, module: i16) -> Result<Vec<Sum>, DbError> {
    let rows = tx
        .query(
            "select stage, currency, sum(records)::bigint, sum(amount)::text from stage_totals
             where tenant_id = $1 and module = $2 group by stage, currency order by stage, currency",
            &[&tx.tenant(), &module],
        )
        .await?;
    Ok(rows.iter().map(sum).collect())
}

/// A row of stage, currency, records and amount as text.
pub(in crate::record) fn sum(row: &Row) -> Sum {
    let amount = row.get::<_, Option<&str>>(3).and_then(|text| text.parse::<Decimal>().ok());
    let amount = amount.unwrap_or_default().normalize();
    Sum { stage: row.get(0), currency: row.get(1), records: row.get(2), amount }
}

/// What the totals of some stages must be, by the records themselves. `amount` is the key of a number or money field.
pub(super) async fn recount(
    tx: &TenantTx,
    module: i16,
    stages: &[i16],
    amount: Option<&str>,
) -> Result<Vec<Sum>, DbError> {
    let rows = tx
        .query(
            "select r.stage, coalesce(r.data -> $4 ->> 'currency', ''), count(*),
                    sum(case jsonb_typeof(r.data -> $4) when 'object' then (r.data -> $4 ->> 'amount')::numeric
                        when 'number' then (r.data ->> $4)::numeric when 'string' then (r.data ->> $4)::numeric end)::text
             from records r
             where r.tenant_id = $1 and r.module = $2 and r.stage = any($3) and r.deleted_at is null
             group by 1, 2 order by 1, 2",
            &[&tx.tenant(), &module, &stages, &amount],
        )
        .await?;
    Ok(rows.iter().map(sum).collect())
}

/// Forgets a module's totals.
pub(super) async fn forget(tx: &TenantTx, module: i16) -> Result<(), DbError> {
    tx.execute("delete from stage_totals where tenant_id = $1 and module = $2", &[&tx.tenant(), &module])
        .await?;
    Ok(())
}

/// How many records are in some stages, the trash included, up to one more than `cap`.
pub(super) async fn held(tx: &TenantTx, module: i16, stages: &[i16], cap: i64) -> Result<i64, DbError> {
    let row = tx
        .query_opt(
            "select count(*) from (select from records
             where tenant_id = $1 and module = $2 and stage = any($3) limit $4) held",
            &[&tx.tenant(), &module, &stages, &(cap + 1)],
        )
        .await?;
    Ok(row.map_or(0, |row| row.get(0)))
}

/// Moves at most `limit` records out of a stage: `id`, `version`, `deleted`, `data` of each.
pub(super) async fn relocate(
    tx: &TenantTx,
    module: i16,
    (from, to): (i16, i16),
    (by, at): (UserId, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    tx.query(
        "update records r set stage = $4, version = r.version + 1, updated_at = $5, updated_by = $6,
           stage_entered_at = $5
         where r.tenant_id = $1 and r.id in (
           select id from records where tenant_id = $1 and module = $2 and stage = $3 limit $7)
         returning r.id, r.version, r.deleted_at is not null as deleted, r.data",
        &[&tx.tenant(), &module, &from, &to, &at, &by, &limit],
    )
    .await
}
