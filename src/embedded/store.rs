//! The one thing the launcher does inside the server: make the database.

use tokio_postgres::{Client, Config, NoTls};

use super::{DATABASE, error::EmbeddedError};

/// Makes the database where it is missing. The name is a constant of ours, so it needs no quoting.
pub(super) async fn create_database(superuser: &Config) -> Result<(), EmbeddedError> {
    let failed = |source| EmbeddedError::Database { action: "create the database", source };
    let (client, connection) = superuser.connect(NoTls).await.map_err(failed)?;
    tokio::select! {
        done = create_if_missing(&client) => done.map_err(failed),
        ended = connection => ended.map_err(failed),
    }
}

async fn create_if_missing(client: &Client) -> Result<(), tokio_postgres::Error> {
    let there = client.query_opt("select 1 from pg_database where datname = $1", &[&DATABASE]).await?;
    if there.is_none() {
        client.batch_execute(&format!("create database {DATABASE}")).await?;
    }
    Ok(())
}
