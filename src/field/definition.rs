//! A field as declared in a template or by a tenant: what all types have in common, and the type with its options.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChoiceOption, FieldKind, FieldRules};

/// What a key looks like: of a field, a module, an option.
pub const KEY_PATTERN: &str = "^[a-z][a-z0-9_]{0,47}$";

/// Whether a text may be a key; the same rule as [`KEY_PATTERN`].
pub fn is_key(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= 48 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(allowed)
}

/// A field definition. The JSON form is the template's (`template-format`): common keys and the type's own options
/// in one object; unknown keys are refused by the type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// `^[a-z][a-z0-9_]{0,47}$`, unique in the module.
    pub key: String,
    /// What people read.
    pub label: String,
    /// A sentence under the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// A value must be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// No two records of the module (outside the trash) have the same value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The value of a new record where none is given; or `{"expr": "today()"}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Part of the text that contains-search looks at. Text-like types are, unless they say no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searchable: Option<bool>,
    /// Gets a slot, so that sorting and filtering stay fast in large modules. Default true while slots last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sortable: Option<bool>,
    /// Shown, never typed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// When it is seen, asked for and locked, and what its value follows from.
    #[serde(flatten)]
    pub rules: FieldRules,
    /// May be written also while the record's stage locks the record.
    #[serde(default, skip_serializing_if = "is_false")]
    pub editable_when_locked: bool,
    /// The type and its options.
    #[serde(flatten)]
    pub kind: FieldKind,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A fault in a field definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer inside the field definition, such as `/options/2/key`.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FieldError {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

impl Field {
    /// The common keys of a field definition; what is not among them belongs to the type.
    pub const COMMON_KEYS: &'static [&'static str] = &[
        "key",
        "label",
        "type",
        "help",
        "required",
        "unique",
        "default",
        "searchable",
        "sortable",
        "read_only",
        "visible_when",
        "required_when",
        "read_only_when",
        "set_once",
        "formula",
        "lookup",
        "rollup",
        "editable_when_locked",
    ];

    /// Reads a definition and reports every fault in it, with its place. Serde alone stops at the first one and
    /// does not look at the options' sense.
    pub fn from_json(value: &Value) -> Result<Self, Vec<FieldError>> {
        super::check::field(value)
    }

    /// Whether contains-search looks at the field.
    pub fn is_searchable(&self) -> bool {
        self.kind.is_searched() && self.searchable.unwrap_or(true)
    }

    /// Whether the field asks for a slot: it may have one, and nobody said `sortable: false`.
    pub fn wants_slot(&self) -> bool {
        self.kind.is_slotted() && self.sortable.unwrap_or(true)
    }

    /// Whether clients may not write the field: it says so, or the engine assigns its values, or they follow from others.
    pub fn is_read_only(&self) -> bool {
        self.read_only || self.kind.is_assigned() || self.rules.is_derived()
    }

    /// The option set whose options the field offers, if it has none of its own.
    pub fn option_set(&self) -> Option<&str> {
        match &self.kind {
            FieldKind::Choice(choice) => choice.option_set.as_deref(),
            FieldKind::MultiChoice(choice) => choice.option_set.as_deref(),
            _ => None,
        }
    }

    /// The field with these options to choose from; unchanged for types without options.
    pub fn with_options(mut self, options: Vec<ChoiceOption>) -> Self {
        match &mut self.kind {
            FieldKind::Choice(choice) => choice.options = options,
            FieldKind::MultiChoice(choice) => choice.options = options,
            _ => {}
        }
        self
    }

    /// Faults that show only when the options of its set are known.
    pub fn check_options(&self) -> Vec<FieldError> {
        super::check::default(self).into_iter().collect()
    }

    /// The definition as it is kept: the options of a set stay with the set.
    pub fn to_stored(&self) -> Self {
        match self.option_set() {
            Some(_) => self.clone().with_options(Vec::new()),
            None => self.clone(),
        }
    }

    /// The options to choose from, retired ones too; empty for types without options.
    pub fn options(&self) -> &[ChoiceOption] {
        self.kind.options()
    }
}
