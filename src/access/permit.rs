//! Permits: proofs that an actor may do something to records of a module. Only [`super::Actor::permit`] makes one.

use std::fmt;
use std::marker::PhantomData;

use super::role::{Capability, Verb};
use crate::id::UserId;

/// What a permit is for, as a type; the four are uninhabited and the trait is sealed.
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

verbs!(Read, Create, Update, Delete);

/// The proof that an actor may do `V` to records of one module, and to which of them.
#[derive(Clone, Debug)]
pub struct Permit<V: VerbType> {
    reach: Reach,
    verb: PhantomData<V>,
}

/// To which records of the module a permit extends; the query planner turns it into SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that this user owns.
    Own(UserId),
    /// All of the tenant's.
    All,
}

impl<V: VerbType> Permit<V> {
    pub(super) fn grant(reach: Reach) -> Self {
        Self { reach, verb: PhantomData }
    }

    /// To which records it extends.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether it extends to a record with this owner.
    pub fn covers(&self, owner: Option<UserId>) -> bool {
        match self.reach {
            Reach::All => true,
            Reach::Own(user) => owner == Some(user),
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
