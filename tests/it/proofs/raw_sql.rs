//! Statements are written in the rooms that own their tables, nowhere else.
//@ error[E0624]: method `query` is private

use trellis::db::TenantTx;

pub async fn peek(tx: &TenantTx) -> bool {
    tx.query("select * from records", &[]).await.is_ok()
}
