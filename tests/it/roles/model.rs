//! What a role may do, read from the template's own file, and what the API must answer then.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `roles.yaml`
#[derive(Deserialize)]
pub struct RolesFile {
    /// In the order of the file.
    pub roles: Vec<Role>,
}

/// A role with its matrix.
#[derive(Deserialize)]
pub struct Role {
    /// Its key.
    pub key: String,
    #[serde(default)]
    capabilities: Vec<String>,
    extends: Option<String>,
    modules: BTreeMap<String, BTreeMap<String, String>>,
}

/// Whose record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The actor's.
    Own,
    /// Somebody else's.
    Others,
}

/// The roles of a template.
pub fn roles(template: &str) -> Vec<Role> {
    let path = format!("{}/templates/{template}/roles.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut roles =
        serde_saphyr::from_str::<RolesFile>(&text).unwrap_or_else(|error| panic!("{path}: {error}")).roles;
    for at in 0..roles.len() {
        let Some(parent) = roles[at].extends.take() else { continue };
        let parent = roles.iter().find(|role| role.key == parent).expect("a role that is there");
        assert!(parent.extends.is_none(), "a role stands behind those that it extends");
        for (module, verbs) in parent.modules.clone() {
            let own = roles[at].modules.entry(module).or_default();
            for (verb, scope) in verbs {
                own.entry(verb).or_insert(scope);
            }
        }
    }
    roles
}

impl Role {
    /// `none`, `own` or `all`.
    pub fn scope(&self, module: &str, verb: &str) -> &str {
        let verbs = self.modules.get(module).or_else(|| self.modules.get("*"));
        verbs.and_then(|verbs| verbs.get(verb)).map_or("none", String::as_str)
    }

    /// Whether the role has a right that is not about records.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    fn reaches(&self, module: &str, verb: &str, whose: Whose) -> bool {
        match self.scope(module, verb) {
            "all" => true,
            // The actor is in no team and leads none.
            "own" | "team" => whose == Whose::Own,
            _ => false,
        }
    }

    /// The status of a list.
    pub fn list(&self, module: &str) -> u16 {
        if self.scope(module, "read") == "none" { 404 } else { 200 }
    }

    /// The status of an operation on one record: what cannot be read is not there, what can be read but not more is
    /// forbidden.
    pub fn on_record(&self, module: &str, verb: &str, whose: Whose, success: u16) -> u16 {
        match (self.reaches(module, "read", whose), self.reaches(module, verb, whose)) {
            (false, _) => 404,
            (true, false) => 403,
            (true, true) => success,
        }
    }

    /// The status of a new record for oneself that points to records of `targets`; one points only to what one can read.
    pub fn create(&self, module: &str, targets: &[String]) -> u16 {
        match (self.list(module), self.scope(module, "create")) {
            (404, _) => 404,
            (_, "none") => 403,
            _ if targets.iter().any(|target| self.list(target) == 404) => 422,
            _ => 201,
        }
    }

    /// The status of a new record for somebody else.
    pub fn create_for_others(&self, module: &str, targets: &[String]) -> u16 {
        match (self.create(module, targets), self.scope(module, "assign")) {
            (201, "none") => 422,
            (status, _) => status,
        }
    }
}
