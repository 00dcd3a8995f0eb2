//! Work in the background. Every task may run on several nodes at once: keeping house is made of statements that are
//! right to repeat, and a job is held by one process at a time.

mod derived;
mod house;
mod kind;
mod runner;
mod store;

pub use runner::work_off;

use tokio_util::sync::CancellationToken;

pub use derived::catch_up;
pub use house::HouseError;

use crate::clock::Clock;
use crate::db::Db;
use crate::work::Caches;

/// What the background works with.
#[derive(Clone)]
pub struct Background {
    /// The database.
    pub db: Db,
    /// Compiled schemas and roles.
    pub caches: Caches,
    /// The time.
    pub clock: Clock,
}

/// Keeps house and works off jobs, again and again until `stop` is cancelled; then gives back what it holds.
pub async fn run(background: &Background, stop: CancellationToken) {
    let house = house::keep(background, stop.clone());
    let runners =
        futures_util::future::join_all((0..runner::AT_ONCE).map(|_| runner::run(background, &stop)));
    let values = derived::keep_up(&background.db, &background.caches, &background.clock, stop.clone());
    tokio::join!(house, runners, values);
}

/// Keeps house once: what `run` does every ten minutes.
pub async fn keep_house_once(background: &Background) -> Result<(), HouseError> {
    house::once(background).await
}
