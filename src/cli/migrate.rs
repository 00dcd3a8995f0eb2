//! `trellis migrate`: opening the installation has migrated it already.

use std::process::ExitCode;

use super::installation::Installation;

/// Says that the database is up to date.
pub async fn run(installation: &Installation) -> anyhow::Result<ExitCode> {
    installation.db.ready().await?;
    println!("The database has the schema of trellis {}.", env!("CARGO_PKG_VERSION"));
    Ok(ExitCode::SUCCESS)
}
