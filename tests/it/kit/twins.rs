//! Two workspaces with the same content, to try the wall between them.

use serde_json::json;

use super::{App, Client};

/// A workspace with its owner.
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Its owner, over the API.
    pub owner: Client,
}

/// Two workspaces of the same template with the same samples, and something in every table.
pub struct Twins {
    /// The house that they share.
    pub app: App,
    /// One, with the slug `alpha`.
    pub a: Tenant,
    /// The other, with the slug `beta`.
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
    let made = owner.post("/api/v1/records/contacts", &contact).await.expect(201).json();
    owner.post("/api/v1/teams", &json!({"key": "north", "name": "North"})).await.expect(201);
    let shares = format!("/api/v1/records/contacts/{}/shares", made["id"].as_str().expect("an id"));
    owner.post(&shares, &json!({"with": {"team": "north"}})).await.expect(201);
    let rows = app.database().as_superuser(&format!("select id from tenants where slug = '{slug}'")).await;
    let id = rows[0][0].clone().expect("the workspace has an id");
    Tenant { id, owner }
}
