//! Permits: proofs that an actor may do something to records of a module. Only [`super::Actor::permit`] makes one.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::role::{Capability, Verb};
use crate::expr::Checked;
use crate::id::UserId;

/// What a permit is for, as a type; they are uninhabited and the trait is sealed.
pub trait VerbType: sealed::Sealed {
    /// The verb in the permission matrix.
    const VERB: Verb;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! verbs {
    ($($name:ident),*) => {$(
        #[doc = concat!("The verb `", stringify!($name), "` as a type.")]
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl VerbType for $name {
            const VERB: Verb = Verb::$name;
        }
    )*};
}

verbs!(Read, Create, Update, Delete, Assign, Share);

/// The proof that an actor may do `V` to records of one module, and to which of them.
#[derive(Clone, Debug)]
pub struct Permit<V: VerbType> {
    reach: Reach,
    verb: PhantomData<V>,
}

/// To which records of the module a permit extends; the query planner turns it into SQL. Those of these owners that
/// meet the condition, and those that are shared.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Whose records.
    pub owners: Owners,
    /// What they must meet besides.
    pub condition: Option<Arc<Checked>>,
    /// Single records that are opened to the actor, whoever owns them.
    pub shared: Option<Shared>,
}

/// Whose records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owners {
    /// One's own.
    One(UserId),
    /// Those of these people: a team's.
    Any(Arc<[UserId]>),
    /// All of the tenant's.
    All,
}

/// Shares that open records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Whom they are given to: `user:<id>`, `team:<id>`, `role:<key>`.
    pub with: Arc<[String]>,
    /// Whether they must allow changes.
    pub to_update: bool,
}

impl Reach {
    /// Whether it is every record of the module.
    pub fn is_everything(&self) -> bool {
        self.owners == Owners::All && self.condition.is_none()
    }
}

impl Owners {
    /// Whether a record with this owner is among them.
    pub fn include(&self, owner: Option<UserId>) -> bool {
        match self {
            Self::All => true,
            Self::One(user) => owner == Some(*user),
            Self::Any(users) => owner.is_some_and(|owner| users.contains(&owner)),
        }
    }
}

impl<V: VerbType> Permit<V> {
    pub(super) fn grant(reach: Reach) -> Self {
        Self { reach, verb: PhantomData }
    }

    /// To which records it extends.
    pub fn reach(&self) -> Reach {
        self.reach.clone()
    }

    /// Whether it extends to a record with this owner, as far as the owner alone decides that. None where a condition
    /// or a share does: `record::reach` asks the database then.
    pub fn by_owner(&self, owner: Option<UserId>) -> Option<bool> {
        let Reach { owners, condition, shared } = &self.reach;
        match (owners.include(owner), condition, shared) {
            (true, None, _) => Some(true),
            (false, _, None) => Some(false),
            _ => None,
        }
    }
}

/// The actor's role does not grant the verb on the module at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Denied {
    /// The module's key.
    pub module: String,
    /// What was wanted.
    pub verb: Verb,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "your role may not {} records of {}", self.verb.word(), self.module)
    }
}

/// The actor's role lacks a right that is not about records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your role may not {}", capability.phrase())]
pub struct Forbidden {
    /// What was wanted.
    pub capability: Capability,
}
