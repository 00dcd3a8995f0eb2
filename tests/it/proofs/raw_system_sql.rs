//! Nor on the control plane.
//@ error: E0624

use trellis::db::SystemTx;

pub async fn peek(tx: &SystemTx) -> bool {
    tx.query("select * from users", &[]).await.is_ok()
}
