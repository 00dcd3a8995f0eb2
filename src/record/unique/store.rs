//! Unique keys in the database.

use tokio_postgres::Row;

use super::OwnKey;
use crate::db::{DbError, TenantTx};
use crate::id::RecordId;

/// Takes keys that no record has; gives those that were taken: (rule, record).
pub(super) async fn claim(
    tx: &TenantTx,
    module: i16,
    keys: &[(OwnKey, RecordId)],
) -> Result<Vec<(String, RecordId)>, DbError> {
    let rules: Vec<&str> = keys.iter().map(|(key, _)| key.rule.as_str()).collect();
    let texts: Vec<&str> = keys.iter().map(|(key, _)| key.key.as_str()).collect();
    let records: Vec<RecordId> = keys.iter().map(|(_, record)| *record).collect();
    let rows = tx
        .query(
            "insert into unique_keys (tenant_id, module, rule, key, record_id)
             select $1, $2, k.rule, k.key, k.record_id from unnest($3::text[], $4::text[], $5::uuid[])
               as k (rule, key, record_id)
             on conflict do nothing returning rule, record_id",
            &[&tx.tenant(), &module, &rules, &texts, &records],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Who has which of some keys.
pub(in crate::record) async fn holders(
    tx: &TenantTx,
    module: i16,
    keys: &[OwnKey],
) -> Result<Vec<(OwnKey, RecordId)>, DbError> {
    let rules: Vec<&str> = keys.iter().map(|key| key.rule.as_str()).collect();
    let texts: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    let rows = tx
        .query(
            "select u.rule, u.key, u.record_id from unique_keys u
             join unnest($3::text[], $4::text[]) as k (rule, key) on u.rule = k.rule and u.key = k.key
             where u.tenant_id = $1 and u.module = $2",
            &[&tx.tenant(), &module, &rules, &texts],
        )
        .await?;
    Ok(rows.iter().map(|row| (OwnKey { rule: row.get(0), key: row.get(1) }, row.get(2))).collect())
}

/// Records with one of some keys of a rule of one field: `id`, `version`, `stage`, `owner_id`, `data`, `key`.
pub(in crate::record) async fn records(
    tx: &TenantTx,
    module: i16,
    rule: &str,
    keys: &[String],
) -> Result<Vec<Row>, DbError> {
    tx.query(
        "select r.id, r.version, r.stage, r.owner_id, r.data, u.key from unique_keys u
         join records r on r.tenant_id = $1 and r.id = u.record_id
         where u.tenant_id = $1 and u.module = $2 and u.rule = $3 and u.key = any($4) and r.deleted_at is null",
        &[&tx.tenant(), &module, &rule, &keys],
    )
    .await
}

/// Gives up a record's keys of some rules.
pub(super) async fn release(tx: &TenantTx, record: RecordId, rules: &[&str]) -> Result<(), DbError> {
    if rules.is_empty() {
        return Ok(());
    }
    tx.execute(
        "delete from unique_keys where tenant_id = $1 and record_id = $2 and rule = any($3)",
        &[&tx.tenant(), &record, &rules],
    )
    .await?;
    Ok(())
}

/// Gives up all keys of some rules.
pub(super) async fn release_rules(tx: &TenantTx, module: i16, rules: &[String]) -> Result<(), DbError> {
    if rules.is_empty() {
        return Ok(());
    }
    tx.execute(
        "delete from unique_keys where tenant_id = $1 and module = $2 and rule = any($3)",
        &[&tx.tenant(), &module, &rules],
    )
    .await?;
    Ok(())
}

/// Gives up all of a record's keys.
pub(super) async fn release_all(tx: &TenantTx, record: RecordId) -> Result<(), DbError> {
    tx.execute("delete from unique_keys where tenant_id = $1 and record_id = $2", &[&tx.tenant(), &record])
        .await?;
    Ok(())
}
