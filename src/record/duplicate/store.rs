//! Keys of likely duplicates in the database.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use crate::db::{DbError, TenantTx};
use crate::id::RecordId;
use crate::limits;

/// Which records have some keys, of each key the newest few: however common a key is, no more are looked at.
pub(super) async fn holders(
    tx: &TenantTx,
    module: i16,
    keys: &BTreeSet<&String>,
) -> Result<Vec<(String, RecordId)>, DbError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&String> = keys.iter().copied().collect();
    let rows = tx
        .query(
            "select d.key, d.record_id from unnest($3::text[]) as k (key) cross join lateral (
               select d.key, d.record_id from duplicate_keys d
               where d.tenant_id = $1 and d.module = $2 and d.key = k.key
               order by d.record_id desc limit $4) d",
            &[&tx.tenant(), &module, &keys, &limits::DUPLICATE_CANDIDATES],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Records outside the trash, as they are compared.
pub(super) async fn records(tx: &TenantTx, module: i16, ids: &[RecordId]) -> Result<Vec<Row>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.query(
        "select id, title, owner_id, data from records
         where tenant_id = $1 and id = any($3) and module = $2 and deleted_at is null",
        &[&tx.tenant(), &module, &ids],
    )
    .await
}

/// Keeps keys of records.
pub(super) async fn insert(
    tx: &TenantTx,
    module: i16,
    keys: &BTreeMap<RecordId, BTreeSet<String>>,
) -> Result<(), DbError> {
    let rows = keys.iter().flat_map(|(record, keys)| keys.iter().map(move |key| (*record, key)));
    let (records, keys): (Vec<RecordId>, Vec<&String>) = rows.unzip();
    if keys.is_empty() {
        return Ok(());
    }
    tx.execute(
        "insert into duplicate_keys (tenant_id, module, key, record_id)
         select $1, $2, k.key, k.record_id from unnest($3::text[], $4::uuid[]) as k (key, record_id)
         on conflict do nothing",
        &[&tx.tenant(), &module, &keys, &records],
    )
    .await?;
    Ok(())
}

/// Forgets keys of a record.
pub(super) async fn remove(
    tx: &TenantTx,
    module: i16,
    record: RecordId,
    keys: &[&String],
) -> Result<(), DbError> {
    if keys.is_empty() {
        return Ok(());
    }
    tx.execute(
        "delete from duplicate_keys where tenant_id = $1 and module = $2 and record_id = $3 and key = any($4)",
        &[&tx.tenant(), &module, &record, &keys],
    )
    .await?;
    Ok(())
}
