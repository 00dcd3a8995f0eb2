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
    around(app, &owner, made["id"].as_str().expect("an id")).await;
    owner.post("/api/v1/teams", &json!({"key": "north", "name": "North"})).await.expect(201);
    let shares = format!("/api/v1/records/contacts/{}/shares", made["id"].as_str().expect("an id"));
    owner.post(&shares, &json!({"with": {"team": "north"}})).await.expect(201);
    owner
        .post(
            "/api/v1/option-sets",
            &json!({"key": "sizes", "label": "Sizes", "options": [{"key": "s", "label": "S"}]}),
        )
        .await
        .expect(201);
    fill(app, slug).await;
    let rows = app.database().as_superuser(&format!("select id from tenants where slug = '{slug}'")).await;
    let id = rows[0][0].clone().expect("the workspace has an id");
    Tenant { id, owner }
}

/// Something of everything that stands around a record.
async fn around(app: &App, owner: &Client, id: &str) {
    let path = format!("/api/v1/records/contacts/{id}");
    let email = format!("second@{}.example", owner.slug());
    app.add_member(owner.slug(), "manager", &email).await;
    let second = app.sign_in(&email, owner.slug()).await;
    let activity = json!({"kind": "note", "subject": "A note"});
    owner.post(&format!("{path}/activities"), &activity).await.expect(201);
    let comment = json!({"body": format!("See @[{}]", owner.user())});
    second.post(&format!("{path}/comments"), &comment).await.expect(201);
    owner.post(&format!("{path}/followers"), &json!({})).await.expect(200);
    owner.post("/api/v1/tasks", &json!({"title": "A task", "record": id})).await.expect(201);
    let view = json!({"label": "Mine", "filter": "last_name == \"Marker\""});
    owner.post("/api/v1/modules/contacts/views", &view).await.expect(201);
    let file =
        owner.post_raw("/api/v1/files", "application/octet-stream", "contents").await.expect(201).json();
    owner.post(&format!("{path}/files"), &json!({"files": [file["id"]]})).await.expect(200);
}

/// Rows of those tables that only the engine's own work fills, and only for a while or for special modules.
async fn fill(app: &App, slug: &str) {
    let record = format!(
        "from records r join tenants t on t.id = r.tenant_id join memberships m on m.tenant_id = t.id
         where t.slug = '{slug}' limit 1"
    );
    let sql = format!(
        "insert into jobs (tenant_id, id, kind, payload, channel, state, created_at, created_by)
           select t.id, gen_random_uuid(), 'none', '{{}}', 'api', 'done', now(), m.user_id {record};
         insert into idempotency_keys (tenant_id, user_id, key, request, created_at)
           select t.id, m.user_id, 'k', '\\x00', now() {record};
         insert into unique_keys select t.id, r.module, '1', 'k', r.id {record};
         insert into duplicate_keys select t.id, r.module, 'k', r.id {record};
         insert into rollup_tallies select t.id, r.id, 99, '', 1, 1 {record};
         insert into stale_values select t.id, gen_random_uuid(), r.module, 0, r.id, r.id, now() {record};
         insert into product_prices (tenant_id, id, product_id, valid_from)
           select t.id, gen_random_uuid(), r.id, now() {record};
         insert into exchange_rates (tenant_id, currency, valid_on, rate, set_at)
           select t.id, 'XAU', '2026-01-01', 2, now() {record}"
    );
    app.database().as_superuser(&sql).await;
}
