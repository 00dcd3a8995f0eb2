//! Keys and answers in the database.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio_postgres::types::Json;

use super::{Answer, Claim, KEPT, Kept};
use crate::db::{DbError, TenantTx};

/// What is kept under a key.
pub async fn find(tx: &TenantTx, claim: &Claim, now: DateTime<Utc>) -> Result<Option<Kept>, DbError> {
    let row = tx
        .query_opt(
            "select request, status, headers, body from idempotency_keys
             where tenant_id = $1 and user_id = $2 and key = $3 and created_at > $4",
            &[&tx.tenant(), &claim.user, &claim.key, &(now - KEPT)],
        )
        .await?;
    Ok(row.map(|row| Kept {
        request: row.get("request"),
        answer: row.get::<_, Option<i16>>("status").map(|status| Answer {
            status: status.unsigned_abs(),
            headers: row
                .get::<_, Option<Json<Map<String, Value>>>>("headers")
                .map(|own| own.0)
                .unwrap_or_default(),
            body: row.get::<_, Option<Vec<u8>>>("body").unwrap_or_default(),
        }),
    }))
}

/// Takes a key for the transaction. False when somebody has it; while another transaction is taking it, the call fails at
/// once ([`DbError::Timeout`]), and so does the transaction.
pub async fn claim(tx: &TenantTx, claim: &Claim, now: DateTime<Utc>) -> Result<bool, DbError> {
    tx.execute("set local lock_timeout = '20ms'", &[]).await?;
    let claimed = tx
        .execute(
            "insert into idempotency_keys as k (tenant_id, user_id, key, request, created_at)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, user_id, key) do update
               set request = excluded.request, created_at = excluded.created_at, status = null, headers = null, body = null
             where k.created_at <= $6",
            &[&tx.tenant(), &claim.user, &claim.key, &claim.request, &now, &(now - KEPT)],
        )
        .await?;
    tx.execute("set local lock_timeout to default", &[]).await?;
    Ok(claimed == 1)
}

/// Keeps the answer under a key that the transaction has taken.
pub async fn keep(tx: &TenantTx, claim: &Claim, answer: &Answer) -> Result<(), DbError> {
    tx.execute(
        "update idempotency_keys set status = $4, headers = $5, body = $6
         where tenant_id = $1 and user_id = $2 and key = $3",
        &[
            &tx.tenant(),
            &claim.user,
            &claim.key,
            &(answer.status as i16),
            &Json(&answer.headers),
            &answer.body,
        ],
    )
    .await?;
    Ok(())
}
