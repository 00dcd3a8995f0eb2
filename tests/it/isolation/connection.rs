//! A connection as the runtime roles have it, and two workspaces with the same content behind it.

use serde_json::json;
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};
use trellis::db::Logins;

use crate::kit::{self, App, Database};

/// A workspace as the database knows it.
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Its owner, over the API.
    pub owner: kit::Client,
}

/// Two workspaces of the same template with the same samples, and something in every table.
pub struct Twins {
    /// The house that they share.
    pub app: App,
    /// One.
    pub a: Tenant,
    /// The other.
    pub b: Tenant,
}

impl Twins {
    /// Makes both.
    pub async fn start() -> Self {
        let app = App::start().await;
        let a = tenant(&app, "alpha").await;
        let b = tenant(&app, "beta").await;
        Self { app, a, b }
    }
}

async fn tenant(app: &App, slug: &str) -> Tenant {
    let owner = app.sign_up_with(slug, "corporate", true).await;
    let field =
        json!({"key": "ticket", "label": "Ticket", "type": "auto_number", "pattern": "T-{counter:3}"});
    owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
    let contact = json!({"data": {"first_name": "Mara", "last_name": "Marker"}});
    owner.post("/api/v1/records/contacts", &contact).await.expect(201);
    let rows = app.database().as_superuser(&format!("select id from tenants where slug = '{slug}'")).await;
    let id = rows[0][0].clone().expect("the workspace has an id");
    Tenant { id, owner }
}

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
