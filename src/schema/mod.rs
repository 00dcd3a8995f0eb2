//! A tenant's schema: its modules with their fields, compiled from metadata, cached by version, changed through
//! [`change`]. This room never reads records and never sees HTTP.

mod cache;
pub mod change;
pub mod definition;
mod module;
pub mod options;
mod paths;
pub mod pipelines;
pub mod rules;
mod sight;
mod slot;
mod stages;
mod store;
pub mod validator;

use std::sync::Arc;

use indexmap::IndexMap;

pub use cache::SchemaCache;
pub use module::{Module, Origin, StoredField, SystemField, UniqueRule};
pub use paths::Paths;
pub use sight::FieldAccess;
pub use slot::{Family, Slot};
pub use stages::{Guard, GuardScope};
pub use store::uncached;

use crate::db::DbError;
use crate::field::{Field, FieldError, OptionSet};

/// All modules of a tenant at one version of its metadata.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Grows by one with every change.
    pub version: i64,
    modules: IndexMap<String, Arc<Module>>,
    /// Whose values follow from which other records.
    pub plans: Arc<rules::Plans>,
    option_sets: IndexMap<String, OptionSet>,
}

impl Schema {
    /// A module by its key.
    pub fn module(&self, key: &str) -> Option<&Arc<Module>> {
        self.modules.get(key)
    }

    /// A module by the number that records carry.
    pub fn by_number(&self, number: i16) -> Option<&Arc<Module>> {
        self.modules.values().find(|module| module.number == number)
    }

    /// Options that fields share, by key.
    pub fn option_sets(&self) -> &IndexMap<String, OptionSet> {
        &self.option_sets
    }

    /// A field with the options of the set that it names.
    pub fn resolved(&self, field: Field) -> Result<Field, SchemaError> {
        let Some(key) = field.option_set() else { return Ok(field) };
        let Some(set) = self.option_sets.get(key) else {
            let message = format!("there is no option set '{key}'");
            return Err(SchemaError::Invalid(vec![FieldError::new("/option_set", message)]));
        };
        let field = field.with_options(set.options.clone());
        let faults = field.check_options();
        if faults.is_empty() { Ok(field) } else { Err(SchemaError::Invalid(faults)) }
    }

    /// A module with all its fields, whoever asks: for what the engine works out by itself.
    pub fn whole_numbered(&self, number: i16) -> Option<&Module> {
        self.by_number(number).map(|module| module.whole())
    }

    /// Every module, in the order of the sidebar.
    pub fn modules(&self) -> impl Iterator<Item = &Arc<Module>> {
        self.modules.values()
    }
}

/// Why a schema could not be loaded or changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The definition is refused; every fault with its pointer.
    #[error("the definition is not valid")]
    Invalid(Vec<crate::field::FieldError>),
    /// There is already one with this key.
    #[error("there is already a {what} with the key {key}")]
    Exists {
        /// "field", "module"…
        what: &'static str,
        /// The key.
        key: String,
    },
    /// A limit of the system is reached.
    #[error("{0}")]
    Limit(String),
    /// Stored metadata does not compile: a fault of ours.
    #[error("the stored definition of {module} does not compile: {reason}")]
    Corrupt {
        /// The module's key.
        module: String,
        /// What the compiler said.
        reason: String,
    },
    /// The database failed.
    #[error("the schema could not be read or written")]
    Database(#[from] DbError),
}
