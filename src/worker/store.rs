//! The statements of housekeeping.

use chrono::{DateTime, TimeDelta, Utc};

use crate::db::{DbError, SystemTx, TenantTx};
use crate::id::TenantId;

/// Removes sessions that have expired and failures that count no longer.
pub(super) async fn forget_ended_sessions(tx: &SystemTx, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute("delete from sessions where expires_at < $1", &[&now]).await?;
    let counted = now - TimeDelta::hours(1);
    tx.execute("delete from sign_in_failures where failed_at < $1", &[&counted]).await?;
    Ok(())
}

/// Every tenant that may have work.
pub(super) async fn tenants(tx: &SystemTx) -> Result<Vec<TenantId>, DbError> {
    let rows =
        tx.query("select id from tenants where state in ('active', 'suspended') order by id", &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Removes events of a tenant from before an instant.
pub(super) async fn forget_events(tx: &TenantTx, before: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute("delete from events where tenant_id = $1 and at < $2", &[&tx.tenant(), &before]).await?;
    Ok(())
}

/// Removes answers to repeated requests that have been kept for their time.
pub(super) async fn forget_answers(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), DbError> {
    let before = now - TimeDelta::hours(24);
    tx.execute(
        "delete from idempotency_keys where tenant_id = $1 and created_at < $2",
        &[&tx.tenant(), &before],
    )
    .await?;
    Ok(())
}
