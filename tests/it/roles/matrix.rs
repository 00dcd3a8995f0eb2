//! Every role × module × verb on own and on others' records.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attempt::{self, Module, Pair};
use super::model::{self, Role, Whose};
use crate::kit::{App, Client, fingerprint};

/// A workspace with an actor in one of its roles.
struct Trial<'a> {
    owner: &'a Client,
    actor: Client,
    role: &'a Role,
    modules: &'a [Module],
    pairs: BTreeMap<String, Pair>,
    tenant: String,
}

/// What was asked, what must be answered, what was answered.
type Disagreement = (String, u16, u16);

#[tokio::test]
async fn the_roles_of_a_hospital_do_what_they_declare() {
    assert_template("hospital").await;
}

#[tokio::test]
async fn the_roles_of_a_corporation_do_what_they_declare() {
    assert_template("corporate").await;
}

#[tokio::test]
async fn the_roles_of_an_estate_agency_do_what_they_declare() {
    assert_template("real-estate").await;
}

#[tokio::test]
async fn the_roles_of_a_jeweller_do_what_they_declare() {
    assert_template("jewellery").await;
}

async fn assert_template(template: &str) {
    let app = App::start().await;
    let owner = app.sign_up_with("matrix", template, true).await;
    let rows = app.database().as_superuser("select id from tenants").await;
    let tenant = rows[0][0].clone().expect("an id");
    let modules = attempt::modules(&owner).await;
    let roles = model::roles(template);
    assert!(roles.len() > 2, "the template has roles");
    for role in &roles {
        let actor = app.member(&owner, &role.key).await;
        let mut pairs = BTreeMap::new();
        for module in &modules {
            pairs.insert(module.key.clone(), module.pair(&owner, &actor).await);
        }
        let trial = Trial { owner: &owner, actor, role, modules: &modules, pairs, tenant: tenant.clone() };
        trial.assert(&app).await;
    }
}

impl Trial<'_> {
    async fn assert(&self, app: &App) {
        let mut disagreements = Vec::new();
        for module in self.modules {
            self.reads(module, &mut disagreements).await;
        }
        let before = fingerprint(app.database(), &self.tenant).await;
        for module in self.modules {
            self.writes(module, false, &mut disagreements).await;
        }
        self.schema_changes(false, &mut disagreements).await;
        let after = fingerprint(app.database(), &self.tenant).await;
        assert_eq!(after, before, "{}: a denied write left something behind", self.role.key);
        for module in self.modules {
            self.writes(module, true, &mut disagreements).await;
        }
        self.schema_changes(true, &mut disagreements).await;
        assert!(disagreements.is_empty(), "{}: (what, expected, answered) {disagreements:#?}", self.role.key);
    }

    async fn reads(&self, module: &Module, disagreements: &mut Vec<Disagreement>) {
        let (key, pair) = (&module.key, &self.pairs[&module.key]);
        let list = self.actor.get(&format!("/api/v1/records/{key}?limit=100&count=exact")).await;
        let expected = self.role.list(key);
        if list.status != expected {
            disagreements.push((format!("list {key}"), expected, list.status));
        }
        let visible = list.json();
        let ids: Vec<&str> = visible["data"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|record| record["id"].as_str())
            .collect();
        let reads_all = self.role.scope(key, "read") == "all";
        if list.status == 200 && !reads_all {
            assert_eq!(ids, [pair.own.as_str()], "{} sees its own record of {key} alone", self.role.key);
            assert_eq!(visible["count"], json!({"value": 1, "exact": true}), "{key} counts what is seen");
        }
        assert!(
            !reads_all || visible["count"]["value"].as_i64() > Some(1),
            "{} sees all of {key}",
            self.role.key
        );
        for (whose, id) in [(Whose::Own, &pair.own), (Whose::Others, &pair.others)] {
            for tail in ["", "/history"] {
                let expected = self.role.on_record(key, "read", whose, 200);
                let answered = self.actor.get(&format!("/api/v1/records/{key}/{id}{tail}")).await.status;
                if answered != expected {
                    disagreements.push((format!("read {key}{tail} {whose:?}"), expected, answered));
                }
            }
        }
    }

    /// Either the writes that must be denied or those that must be allowed.
    async fn writes(&self, module: &Module, allowed: bool, disagreements: &mut Vec<Disagreement>) {
        self.creates(module, allowed, disagreements).await;
        let (key, pair) = (&module.key, &self.pairs[&module.key]);
        for (whose, id) in [(Whose::Own, &pair.own), (Whose::Others, &pair.others)] {
            for verb in ["update", "delete"] {
                let success = if verb == "update" { 200 } else { 204 };
                let expected = self.role.on_record(key, verb, whose, success);
                if (expected < 300) != allowed {
                    continue;
                }
                let answered = self.write(module, verb, id).await;
                if answered != expected {
                    disagreements.push((format!("{verb} {key} {whose:?}"), expected, answered));
                }
            }
        }
    }

    /// Updates, or deletes and restores.
    async fn write(&self, module: &Module, verb: &str, id: &str) -> u16 {
        let path = format!("/api/v1/records/{}/{id}", module.key);
        let record = self.owner.get(&path).await.expect(200).json();
        let version = record["version"].as_i64().and_then(|v| i32::try_from(v).ok()).expect("a version");
        if verb == "update" {
            let body = json!({"data": module.change(usize::try_from(version).unwrap_or_default())});
            return self.actor.patch(&path, version, &body).await.status;
        }
        let answer = self.actor.delete(&path, version).await;
        // What others hold is held from everybody; who may not delete at all is told that first.
        if answer.status == 409 && answer.json()["type"] == "/problems/in-use" {
            return 204;
        }
        let status = answer.status;
        let restored = self.actor.post(&format!("{path}/restore"), &Value::Null).await.status;
        match status {
            204 => assert_eq!(restored, 200, "who may delete may restore"),
            // It is not in the trash, so it is not found; what matters is that it was not allowed.
            _ => assert!(matches!(restored, 403 | 404), "who may not delete may not restore: {restored}"),
        }
        status
    }

    async fn creates(&self, module: &Module, allowed: bool, disagreements: &mut Vec<Disagreement>) {
        let targets = module.required_targets();
        let related = |target: &str| self.pairs[target].own.clone();
        let path = format!("/api/v1/records/{}?allow_duplicate=true", module.key);
        let mut body = json!({"data": module.minimal(self.seed(), &related)});
        let expected = self.role.create(&module.key, &targets);
        let for_others = self.role.create_for_others(&module.key, &targets);
        for (what, expected) in [("create", expected), ("create for others", for_others)] {
            if (expected < 300) == allowed {
                let answer = self.actor.post(&path, &body).await;
                if answer.status != expected {
                    disagreements.push((
                        format!("{what} {}: {}", module.key, answer.text()),
                        expected,
                        answer.status,
                    ));
                }
            }
            body["owner"] = json!(self.owner.user());
            body["data"] = module.minimal(self.seed() + 1, &related);
        }
    }

    /// A different number for each role, so that unique texts stay unique.
    fn seed(&self) -> usize {
        self.role.key.bytes().map(usize::from).sum::<usize>() * 10
    }

    async fn schema_changes(&self, allowed: bool, disagreements: &mut Vec<Disagreement>) {
        let may = self.role.can("manage_schema");
        if may != allowed {
            return;
        }
        for module in self.modules.iter().take(2) {
            let expected = match (may, self.role.list(&module.key)) {
                (_, 404) => 404,
                (true, _) => 201,
                (false, _) => 403,
            };
            let body = json!({"key": format!("by_{}", self.role.key), "label": "By", "type": "text"});
            let answer = self.actor.post(&format!("/api/v1/modules/{}/fields", module.key), &body).await;
            if answer.status != expected {
                disagreements.push((format!("add a field to {}", module.key), expected, answer.status));
            }
        }
    }
}
