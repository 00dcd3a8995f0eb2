//! What all relation fields have in common: where they lead, and what becomes of them when the other side goes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::definition::{KEY_PATTERN, is_key};
use super::{FieldError, FieldKind};
use crate::limits;

/// What becomes of a relation when the record that it points to goes to the trash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// It stays, and leads into the trash: bringing the record back loses nothing.
    #[default]
    Keep,
    /// It is emptied.
    SetNull,
    /// The record stays where it is while something points to it.
    Restrict,
    /// The record that points goes to the trash too, and comes back with the other.
    Cascade,
}

impl OnDelete {
    /// Every way, in the order of the reference.
    pub const ALL: [Self; 4] = [Self::Keep, Self::SetNull, Self::Restrict, Self::Cascade];

    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A relation field, one or many.
#[derive(Clone, Debug)]
pub struct Link<'f> {
    /// Keys of the modules whose records may be pointed to; at least one.
    pub targets: Vec<&'f str>,
    /// Whether it holds a list.
    pub many: bool,
    /// What the other side calls the records that point to it.
    pub inverse: Option<&'f str>,
    /// What becomes of it when the other side goes.
    pub on_delete: OnDelete,
    /// A condition on the records that may be chosen.
    pub filter: Option<&'f str>,
    /// Whether records may lead back to themselves, where a module points to itself.
    pub cycles: bool,
}

impl Link<'_> {
    /// Whether records of several modules may be pointed to, so that a value must say which it is.
    pub fn is_mixed(&self) -> bool {
        self.targets.len() > 1
    }
}

impl FieldKind {
    /// The relation that a field is, if it is one.
    pub fn link(&self) -> Option<Link<'_>> {
        match self {
            Self::Relation(one) => Some(Link {
                targets: targets(one.module.as_deref(), &one.modules),
                many: false,
                inverse: one.inverse.as_deref(),
                on_delete: one.on_delete,
                filter: one.filter.as_deref(),
                cycles: one.cycles,
            }),
            Self::Relations(many) => Some(Link {
                targets: targets(many.module.as_deref(), &many.modules),
                many: true,
                inverse: many.inverse.as_deref(),
                on_delete: many.on_delete,
                filter: many.filter.as_deref(),
                cycles: true,
            }),
            _ => None,
        }
    }
}

fn targets<'f>(module: Option<&'f str>, modules: &'f [String]) -> Vec<&'f str> {
    module.into_iter().chain(modules.iter().map(String::as_str)).collect()
}

/// The options that relations share, as JSON Schema properties.
pub(super) fn properties() -> Value {
    json!({
        "module": {
            "description": "Key of the module that the record belongs to.",
            "type": "string",
            "pattern": KEY_PATTERN,
        },
        "modules": {
            "description": "Keys of several modules, instead of `module`: a record of any of them.",
            "type": "array",
            "items": {"type": "string", "pattern": KEY_PATTERN},
            "minItems": 2,
            "maxItems": limits::RELATION_MODULES,
        },
        "inverse": {
            "description": "What the other side calls the records that point to it; the module's plural \
                            when not given.",
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
        },
        "on_delete": {
            "description": "What becomes of it when the other side goes to the trash: it stays (`keep`, the \
                            usual), is emptied (`set_null`), holds the other side back (`restrict`), or goes \
                            along (`cascade`).",
            "enum": OnDelete::ALL,
        },
        "filter": {
            "description": "A condition on the other module's records: only those may be chosen.",
            "type": "string",
            "minLength": 1,
            "maxLength": limits::EXPRESSION_BYTES,
        },
    })
}

/// Faults among the modules that a relation names.
pub(super) fn check(module: Option<&str>, modules: &[String]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    match (module, modules) {
        (None, []) => faults.push(FieldError::new("", "the key 'module' is missing")),
        (Some(_), [_, ..]) => {
            faults.push(FieldError::new("/modules", "name one 'module' or several 'modules', not both"));
        }
        _ => {}
    }
    let stranger = |key: &str| format!("'{key}' is not the key of a module");
    if let Some(key) = module.filter(|key| !is_key(key)) {
        faults.push(FieldError::new("/module", stranger(key)));
    }
    for (at, key) in modules.iter().enumerate() {
        if !is_key(key) {
            faults.push(FieldError::new(format!("/modules/{at}"), stranger(key)));
        } else if modules[..at].contains(key) {
            faults.push(FieldError::new(format!("/modules/{at}"), format!("'{key}' stands here twice")));
        }
    }
    faults
}
