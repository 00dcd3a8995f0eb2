//! Connections as the runtime roles have them.

use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};
use trellis::db::Logins;

use crate::kit::Database;

/// A connection of the role that serves tenants, with nothing set but the schema.
pub async fn app_role(database: &Database) -> Client {
    connect(database, false).await
}

/// A connection of the control plane's role.
pub async fn system_role(database: &Database) -> Client {
    connect(database, true).await
}

async fn connect(database: &Database, control_plane: bool) -> Client {
    let Logins::Each { app, system, .. } = &database.settings.logins else {
        panic!("the tests' server has a login for every role")
    };
    let config = if control_plane { system } else { app };
    let (client, connection) = config.connect(NoTls).await.expect("the role may connect");
    Handle::current().spawn(connection);
    client.batch_execute("set search_path = trellis").await.expect("the schema");
    client
}
