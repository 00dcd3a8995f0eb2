//! `trellis worker`: the work in the background, without serving.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::installation::Installation;
use super::serve::stop_on_signal;
use crate::worker;

/// Keeps house and works off jobs until it is told to stop.
pub async fn run(installation: &Installation) -> anyhow::Result<ExitCode> {
    let stop = CancellationToken::new();
    let background = installation.background();
    tokio::join!(worker::run(&background, stop.clone()), stop_on_signal(stop));
    Ok(ExitCode::SUCCESS)
}
