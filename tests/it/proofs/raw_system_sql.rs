//! Nor on the control plane.
//@ error[E0624]: method `query` is private

use trellis::db::SystemTx;

pub async fn peek(tx: &SystemTx) -> bool {
    tx.query("select * from users", &[]).await.is_ok()
}
