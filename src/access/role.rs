//! Roles and the permission matrix, as declared (template key: `roles.yaml`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::schema::FieldAccess;

/// A role: what its members may do, module by module. What is not granted is denied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    /// Unique in the tenant.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The key of a role whose grants it has too, where it does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// One sentence: who has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Rights that are not about records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Grants by module key; `*` holds for every module that is not named, also for those a tenant adds later.
    pub modules: BTreeMap<String, Grants>,
    /// What it may do with single fields, by `module.field`; what is not named is written and read with the record.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldAccess>,
}

/// What a role may do in a module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Grants {
    /// A condition that records must meet, whatever the verb.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// On which records it may do what.
    #[serde(flatten)]
    pub verbs: BTreeMap<Verb, Scope>,
}

/// A right that is not about records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Change modules, fields, views and layouts.
    ManageSchema,
    /// Invite people and give roles.
    ManageMembers,
    /// Read the audit log.
    ReadAudit,
    /// Take more off a line than its product allows.
    ExceedDiscount,
    /// Put in exchange rates.
    ManageRates,
    /// See, call off and retry everybody's jobs.
    ManageJobs,
}

/// What is done to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the field's own")]
pub enum Verb {
    Read,
    Create,
    Update,
    Delete,
    Import,
    Assign,
    Share,
}

impl Verb {
    /// Every verb, in the order of the matrix.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Import, Self::Assign, Self::Share];
}

/// On which records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// On none.
    #[default]
    None,
    /// On those whose owner is the actor.
    Own,
    /// On those whose owner is the actor, or is in the actor's team, or in a team that the actor manages, or in one
    /// beneath such a team.
    Team,
    /// On all of the tenant's.
    All,
}

impl Scope {
    /// From the least to the most.
    pub const ALL: [Self; 4] = [Self::None, Self::Own, Self::Team, Self::All];
}

impl Verb {
    /// The verb in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
            Self::Assign => "assign",
            Self::Share => "share",
        }
    }
}

impl Capability {
    /// Every right that is not about records.
    pub const ALL: [Self; 6] = [
        Self::ManageSchema,
        Self::ManageMembers,
        Self::ReadAudit,
        Self::ManageJobs,
        Self::ExceedDiscount,
        Self::ManageRates,
    ];

    /// The right in a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::ManageSchema => "change modules and fields",
            Self::ManageMembers => "invite people and give roles",
            Self::ReadAudit => "read the audit log",
            Self::ExceedDiscount => "take more off a line than its product allows",
            Self::ManageRates => "put in exchange rates",
            Self::ManageJobs => "manage the jobs of others",
        }
    }
}

/// The entry that holds for modules that a role does not name.
pub const OTHERS: &str = "*";
/// Roles that extend one another in a row; a circle ends here.
const GENERATIONS: usize = 8;

impl RoleDefinition {
    /// What it grants in a module.
    pub fn grants(&self, module: &str) -> Option<&Grants> {
        self.modules.get(module).or_else(|| self.modules.get(OTHERS))
    }

    /// On which records of a module it grants a verb.
    pub fn scope(&self, module: &str, verb: Verb) -> Scope {
        self.grants(module).and_then(|grants| grants.verbs.get(&verb)).copied().unwrap_or_default()
    }

    /// The role with everything that it has from those it extends. Where both say something, it decides itself.
    pub fn resolved(&self, all: &BTreeMap<String, Self>) -> Self {
        self.resolved_within(all, GENERATIONS)
    }

    fn resolved_within(&self, all: &BTreeMap<String, Self>, generations: usize) -> Self {
        let parent = self.extends.as_ref().and_then(|key| all.get(key)).filter(|_| generations > 0);
        let Some(parent) = parent else { return self.clone() };
        let mut role = parent.resolved_within(all, generations - 1);
        for (module, own) in &self.modules {
            let mut grants = role.grants(module).cloned().unwrap_or_default();
            grants.verbs.extend(&own.verbs);
            grants.condition = own.condition.clone().or(grants.condition);
            role.modules.insert(module.clone(), grants);
        }
        role.fields.extend(self.fields.iter().map(|(path, access)| (path.clone(), *access)));
        role.capabilities.extend(&self.capabilities);
        role.capabilities.sort_unstable();
        role.capabilities.dedup();
        let (key, label, summary) = (self.key.clone(), self.label.clone(), self.summary.clone());
        Self { key, label, summary, extends: self.extends.clone(), ..role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(text: &str) -> RoleDefinition {
        serde_json::from_str(text).expect("a role")
    }

    #[test]
    fn a_role_has_what_it_extends_and_decides_itself() {
        let rep = role(
            r#"{"key": "rep", "label": "Rep", "capabilities": ["read_audit"], "fields": {"deals.cost": "hidden"},
                "modules": {"*": {"read": "own"}, "deals": {"read": "own", "update": "own", "where": "open"}}}"#,
        );
        let lead = role(
            r#"{"key": "lead", "label": "Lead", "extends": "rep", "fields": {"deals.cost": "read"},
                "modules": {"deals": {"read": "team"}, "cases": {"update": "all"}}}"#,
        );
        let all = BTreeMap::from([("rep".to_owned(), rep), ("lead".to_owned(), lead.clone())]);
        let lead = lead.resolved(&all);
        assert_eq!(lead.scope("deals", Verb::Read), Scope::Team);
        assert_eq!(lead.scope("deals", Verb::Update), Scope::Own);
        assert_eq!(lead.grants("deals").and_then(|grants| grants.condition.as_deref()), Some("open"));
        assert_eq!(
            (lead.scope("cases", Verb::Read), lead.scope("cases", Verb::Update)),
            (Scope::Own, Scope::All)
        );
        assert_eq!(lead.fields["deals.cost"], FieldAccess::Read);
        assert_eq!((lead.label.as_str(), lead.capabilities.len()), ("Lead", 1));
    }

    #[test]
    fn a_circle_of_roles_ends() {
        let one =
            role(r#"{"key": "one", "label": "One", "extends": "two", "modules": {"a": {"read": "all"}}}"#);
        let two =
            role(r#"{"key": "two", "label": "Two", "extends": "one", "modules": {"b": {"read": "own"}}}"#);
        let all = BTreeMap::from([("one".to_owned(), one.clone()), ("two".to_owned(), two)]);
        assert_eq!(one.resolved(&all).scope("b", Verb::Read), Scope::Own);
    }

    #[test]
    fn an_unknown_verb_is_refused() {
        let text = r#"{"key": "a", "label": "A", "modules": {"b": {"reed": "all"}}}"#;
        assert!(serde_json::from_str::<RoleDefinition>(text).is_err());
    }
}
