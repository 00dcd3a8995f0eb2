//! `trellis worker`: the work in the background, without serving.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::installation::Installation;
use super::serve::stop_on_signal;
use crate::worker;

/// Keeps house until it is told to stop.
pub async fn run(installation: &Installation) -> anyhow::Result<ExitCode> {
    let stop = CancellationToken::new();
    let house = worker::keep_house(&installation.db, &installation.clock, stop.clone());
    let values = worker::keep_up(&installation.db, &installation.caches, &installation.clock, stop.clone());
    tokio::join!(house, values, stop_on_signal(stop));
    Ok(ExitCode::SUCCESS)
}
