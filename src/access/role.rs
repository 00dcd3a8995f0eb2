//! Roles and the permission matrix, as declared (template key: `roles.yaml`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A role: what its members may do, module by module. What is not granted is denied.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    /// Unique in the tenant.
    pub key: String,
    /// What people read.
    pub label: String,
    /// One sentence: who has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Rights that are not about records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Grants by module key; `*` holds for every module that is not named, also for those a tenant adds later.
    pub modules: BTreeMap<String, BTreeMap<Verb, Scope>>,
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
}

impl Verb {
    /// Every verb, in the order of the matrix.
    pub const ALL: [Self; 5] = [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Import];
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
    /// On all of the tenant's.
    All,
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
        }
    }
}

impl Capability {
    /// Every right that is not about records.
    pub const ALL: [Self; 4] = [Self::ManageSchema, Self::ManageMembers, Self::ReadAudit, Self::ManageJobs];

    /// The right in a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::ManageSchema => "change modules and fields",
            Self::ManageMembers => "invite people and give roles",
            Self::ReadAudit => "read the audit log",
            Self::ManageJobs => "manage the jobs of others",
        }
    }
}
