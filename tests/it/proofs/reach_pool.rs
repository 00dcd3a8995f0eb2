//! The pools stay inside their room.
//@ error[E0616]: field `app` of struct `Db` is private

use trellis::db::Db;

pub async fn connection(db: &Db) -> bool {
    db.app.get().await.is_ok()
}
