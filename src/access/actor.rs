//! The person (or process) on whose behalf something is done inside a tenant.

use std::sync::Arc;

use super::matrix::Role;
use super::permit::{Denied, Forbidden, Owners, Permit, Reach, Shared, VerbType};
use super::role::{Capability, Scope, Verb};
use crate::id::UserId;
use crate::schema::Schema;

/// What conditions call the role of a tenant's owner.
pub const OWNER: &str = "owner";

/// A member of a tenant with the role that holds right now.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// The name that history shows.
    pub name: String,
    /// The e-mail address with which they sign in.
    pub email: String,
    authority: Authority,
    standing: Standing,
}

/// Where a member stands among the others.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Whose records a scope of team means to them.
    pub team: Arc<[UserId]>,
    /// Whom shares must be given to, to open records to them; None where there are no such shares.
    pub shared_with: Option<Arc<[String]>>,
}

#[derive(Clone, Debug)]
enum Authority {
    /// Owners of a tenant, and the installer of a template, may do everything inside it.
    Owner,
    Role(Arc<Role>),
    /// The membership names a role that no longer exists.
    Nothing,
}

impl Actor {
    /// A member; `role` is what the membership's role key names today.
    pub(crate) fn member(
        user: UserId,
        name: String,
        email: String,
        is_owner: bool,
        role: Option<Arc<Role>>,
        standing: Standing,
    ) -> Self {
        let authority = match (is_owner, role) {
            (true, _) => Authority::Owner,
            (false, Some(role)) => Authority::Role(role),
            (false, None) => Authority::Nothing,
        };
        Self { user, name, email, authority, standing }
    }

    /// Whether the actor owns the tenant.
    pub fn is_owner(&self) -> bool {
        matches!(self.authority, Authority::Owner)
    }

    /// What the role is called, to show to the actor.
    pub fn role_label(&self) -> &str {
        match &self.authority {
            Authority::Owner => "Owner",
            Authority::Role(role) => &role.definition.label,
            Authority::Nothing => "No role",
        }
    }

    /// The key of the role, for conditions; `owner` for an owner of the tenant, "" where the role is gone.
    pub fn role_key(&self) -> &str {
        match &self.authority {
            Authority::Owner => OWNER,
            Authority::Role(role) => &role.definition.key,
            Authority::Nothing => "",
        }
    }

    /// Whether the actor's role is one of some; an owner of the tenant has every role.
    pub fn has_role(&self, roles: &[String]) -> bool {
        match &self.authority {
            Authority::Owner => true,
            Authority::Role(role) => roles.contains(&role.definition.key),
            Authority::Nothing => false,
        }
    }

    /// On which records of a module the actor may do something.
    pub fn scope(&self, module: &str, verb: Verb) -> Scope {
        match &self.authority {
            Authority::Owner => Scope::All,
            Authority::Nothing => Scope::None,
            Authority::Role(role) => role.scope(module, verb),
        }
    }

    /// Whether the actor holds a right that is not about records.
    pub fn can(&self, capability: Capability) -> bool {
        match &self.authority {
            Authority::Owner => true,
            Authority::Nothing => false,
            Authority::Role(role) => role.definition.capabilities.contains(&capability),
        }
    }

    /// Ok when the actor holds a right that is not about records.
    pub fn require(&self, capability: Capability) -> Result<(), Forbidden> {
        if self.can(capability) { Ok(()) } else { Err(Forbidden { capability }) }
    }

    /// The proof that the actor may do `V` to records of a module.
    pub fn permit<V: VerbType>(&self, module: &str) -> Result<Permit<V>, Denied> {
        let owners = match self.scope(module, V::VERB) {
            Scope::None => return Err(Denied { module: module.to_owned(), verb: V::VERB }),
            Scope::Own => Owners::One(self.user),
            Scope::Team => Owners::Any(self.standing.team.clone()),
            Scope::All => Owners::All,
        };
        let condition = match &self.authority {
            Authority::Role(role) => role.condition(module).cloned(),
            Authority::Owner | Authority::Nothing => None,
        };
        let limited = owners != Owners::All || condition.is_some();
        let shared = self.shares(V::VERB).filter(|_| limited);
        Ok(Permit::grant(Reach { owners, condition, shared }))
    }

    /// Shares open records to be read, and those that say so to be changed; for nothing else.
    fn shares(&self, verb: Verb) -> Option<Shared> {
        let with = self.standing.shared_with.clone()?;
        matches!(verb, Verb::Read | Verb::Update).then(|| Shared { with, to_update: verb == Verb::Update })
    }

    /// The schema as the actor sees it.
    pub fn sees(&self, schema: Arc<Schema>) -> Arc<Schema> {
        match &self.authority {
            Authority::Role(role) => schema.seen_with(&role.definition.fields),
            Authority::Owner | Authority::Nothing => schema,
        }
    }
}
