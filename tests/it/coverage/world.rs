//! Twin tenants, what is known of each module of both, and what of the other tenant must never be seen.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::kit::{Answer, Client, Twins};

/// What a word of the other tenant alone looks like.
pub const MARKER: &str = "Zebulon";

/// A module that both tenants have.
pub struct Module {
    /// Its key.
    pub key: String,
    /// Relation fields, each with a record of the other tenant that it could point to.
    pub relations: Vec<(String, String)>,
    /// Line items fields, each with a product of the other tenant that a line could sell.
    pub lines: Vec<(String, String)>,
    /// Member fields.
    pub members: Vec<String>,
    /// A record of the own tenant.
    pub own: String,
    /// A record of the other tenant.
    pub theirs: String,
    /// A cursor that the other tenant's list gave.
    pub their_cursor: String,
}

/// Everything that a probe needs.
pub struct World {
    /// Both tenants; `a` probes, `b` is probed.
    pub twins: Twins,
    /// The modules.
    pub modules: Vec<Module>,
    /// Things around records of the other tenant, by the path that they are found below.
    pub around: Vec<(&'static str, String)>,
    /// An entry of the other tenant's history.
    pub their_entry: String,
    /// Ids and words of the other tenant alone.
    secrets: Vec<String>,
}

impl World {
    /// Makes it.
    pub async fn start() -> Self {
        let twins = Twins::start().await;
        let field = json!({"key": "secret", "label": "Quagga", "type": "text"});
        twins.b.owner.post("/api/v1/modules/contacts/fields", &field).await.expect(201);
        let body = json!({"data": {"first_name": MARKER, "last_name": "Quagga", "secret": "Quagga"}});
        twins.b.owner.post("/api/v1/records/contacts", &body).await.expect(201);
        let modules = modules(&twins).await;
        let ids = format!(
            "select id from records where tenant_id = '{0}' union all select id from audit_log where tenant_id = '{0}'
             union all select user_id from memberships where tenant_id = '{0}' and is_owner
             union all select id from activities where tenant_id = '{0}' union all select id from comments where tenant_id = '{0}'
             union all select id from tasks where tenant_id = '{0}' union all select id from files where tenant_id = '{0}'
             union all select id from notifications where tenant_id = '{0}'
             union all select id from saved_views where tenant_id = '{0}'",
            twins.b.id
        );
        let ids = twins.app.database().as_superuser(&ids).await;
        let mut secrets: Vec<String> =
            ids.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        secrets.extend([MARKER.to_owned(), "Quagga".to_owned(), "owner@beta.example".to_owned()]);
        let entry =
            format!("select id from audit_log where tenant_id = '{}' order by id desc limit 1", twins.b.id);
        let entry = twins.app.database().as_superuser(&entry).await[0][0].clone();
        let around = around(&twins).await;
        Self { twins, modules, around, their_entry: entry.expect("an entry"), secrets }
    }

    /// What of the other tenant an id in a path may be: what is found below the path, else a record of the module.
    pub fn theirs<'w>(&'w self, path: &str, module: &'w Module) -> &'w str {
        let found = self.around.iter().find(|(prefix, _)| path.starts_with(prefix));
        found.map_or(&module.theirs, |(_, id)| id)
    }

    /// The other tenant's file.
    pub fn their_file(&self) -> &str {
        self.around.iter().find(|(prefix, _)| prefix.contains("files")).map_or("", |(_, id)| id)
    }

    /// Fails if an answer shows anything of the other tenant that was not in the question.
    pub fn assert_silent(&self, question: &str, answer: &Answer) {
        let text = format!("{:?} {}", answer.headers, answer.text());
        let shown = self.secrets.iter().find(|secret| text.contains(*secret) && !question.contains(*secret));
        assert_eq!(shown, None, "{question} showed what belongs to another tenant: {text}");
        assert!(answer.status < 500, "{question}: {} {text}", answer.status);
    }

    /// Fails unless what exists in another tenant is answered like what exists nowhere.
    pub fn assert_same(&self, question: &str, foreign: &Answer, unknown: &Answer, names: &[(&str, &str)]) {
        self.assert_silent(question, foreign);
        let plain = |answer: &Answer| {
            let text =
                names.iter().fold(answer.text(), |text, (name, stand_in)| text.replace(name, stand_in));
            without_marks(&text)
        };
        assert_eq!(
            (foreign.status, plain(foreign)),
            (unknown.status, plain(unknown)),
            "{question} can be told apart"
        );
    }
}

/// An id that no tenant has.
pub fn nowhere() -> String {
    Uuid::now_v7().to_string()
}

/// A text without what differs in every answer: the request's id and the nonce.
fn without_marks(text: &str) -> String {
    let marks = regex::Regex::new(r#""instance":"[^"]*"|nonce="[^"]*""#).expect("a pattern");
    marks.replace_all(text, "").into_owned()
}

/// One of everything that has an address of its own.
async fn around(twins: &Twins) -> Vec<(&'static str, String)> {
    let mut around = Vec::new();
    for (path, table) in [
        ("/api/v1/tasks/{id}", "tasks"),
        ("/api/v1/comments/{id}", "comments"),
        ("/api/v1/notifications/{id}", "notifications"),
        ("/api/v1/files/{id}", "files"),
        ("/api/v1/views/{id}", "saved_views"),
        ("/files/{id}", "files"),
        ("/tasks/{id}", "tasks"),
        ("/comments/{id}", "comments"),
        ("/notifications/{id}", "notifications"),
        ("/views/{id}", "saved_views"),
    ] {
        let sql = format!("select id from {table} where tenant_id = '{}' limit 1", twins.b.id);
        let rows = twins.app.database().as_superuser(&sql).await;
        around.push((path, rows[0][0].clone().unwrap_or_else(|| panic!("there is something in {table}"))));
    }
    around
}

async fn modules(twins: &Twins) -> Vec<Module> {
    let faces = twins.a.owner.get("/api/v1/modules").await.expect(200).json();
    let mut modules = Vec::new();
    for face in faces["data"].as_array().expect("modules") {
        modules.push(module(twins, face).await);
    }
    assert!(modules.iter().any(|module| !module.relations.is_empty()), "some module has a relation");
    modules
}

async fn module(twins: &Twins, face: &Value) -> Module {
    let key = face["key"].as_str().expect("a key").to_owned();
    let (own, _) = first(&twins.a.owner, &key).await;
    let (theirs, their_cursor) = first(&twins.b.owner, &key).await;
    let (mut relations, mut lines, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for field in face["fields"].as_array().expect("fields") {
        let name = field["key"].as_str().expect("a key").to_owned();
        match field["type"].as_str() {
            Some("relation") => {
                let target = field["module"].as_str().expect("a relation has a target");
                relations.push((name, first(&twins.b.owner, target).await.0));
            }
            Some("line_items") => {
                let products = field["module"].as_str().expect("lines have products");
                lines.push((name, first(&twins.b.owner, products).await.0));
            }
            Some("member") => members.push(name),
            _ => {}
        }
    }
    Module { key, relations, lines, members, own, theirs, their_cursor }
}

/// The first record of a module and the cursor behind it.
async fn first(client: &Client, module: &str) -> (String, String) {
    let page = client.get(&format!("/api/v1/records/{module}?limit=1")).await.expect(200).json();
    let id = page["data"][0]["id"].as_str().unwrap_or_else(|| panic!("{module} has a sample")).to_owned();
    (id, page["next"].as_str().unwrap_or_else(|| panic!("{module} has two samples")).to_owned())
}
