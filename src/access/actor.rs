//! The person (or process) on whose behalf something is done inside a tenant.

use std::sync::Arc;

use super::permit::{Denied, Forbidden, Permit, Reach, VerbType};
use super::role::{Capability, RoleDefinition, Scope, Verb};
use crate::id::UserId;

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
}

#[derive(Clone, Debug)]
enum Authority {
    /// Owners of a tenant, and the installer of a template, may do everything inside it.
    Owner,
    Role(Arc<RoleDefinition>),
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
        role: Option<Arc<RoleDefinition>>,
    ) -> Self {
        let authority = match (is_owner, role) {
            (true, _) => Authority::Owner,
            (false, Some(role)) => Authority::Role(role),
            (false, None) => Authority::Nothing,
        };
        Self { user, name, email, authority }
    }

    /// Whether the actor owns the tenant.
    pub fn is_owner(&self) -> bool {
        matches!(self.authority, Authority::Owner)
    }

    /// What the role is called, to show to the actor.
    pub fn role_label(&self) -> &str {
        match &self.authority {
            Authority::Owner => "Owner",
            Authority::Role(role) => &role.label,
            Authority::Nothing => "No role",
        }
    }

    /// Whether the actor's role is one of some; an owner of the tenant has every role.
    pub fn has_role(&self, roles: &[String]) -> bool {
        match &self.authority {
            Authority::Owner => true,
            Authority::Role(role) => roles.contains(&role.key),
            Authority::Nothing => false,
        }
    }

    /// On which records of a module the actor may do something.
    pub fn scope(&self, module: &str, verb: Verb) -> Scope {
        match &self.authority {
            Authority::Owner => Scope::All,
            Authority::Nothing => Scope::None,
            Authority::Role(role) => role
                .modules
                .get(module)
                .or_else(|| role.modules.get("*"))
                .and_then(|verbs| verbs.get(&verb))
                .copied()
                .unwrap_or_default(),
        }
    }

    /// Whether the actor holds a right that is not about records.
    pub fn can(&self, capability: Capability) -> bool {
        match &self.authority {
            Authority::Owner => true,
            Authority::Nothing => false,
            Authority::Role(role) => role.capabilities.contains(&capability),
        }
    }

    /// Ok when the actor holds a right that is not about records.
    pub fn require(&self, capability: Capability) -> Result<(), Forbidden> {
        if self.can(capability) { Ok(()) } else { Err(Forbidden { capability }) }
    }

    /// The proof that the actor may do `V` to records of a module.
    pub fn permit<V: VerbType>(&self, module: &str) -> Result<Permit<V>, Denied> {
        let reach = match self.scope(module, V::VERB) {
            Scope::None => return Err(Denied { module: module.to_owned(), verb: V::VERB }),
            Scope::Own => Reach::Own(self.user),
            Scope::All => Reach::All,
        };
        Ok(Permit::grant(reach))
    }
}
