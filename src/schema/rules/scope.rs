//! What expressions of a module may speak of: formulas of the record alone, conditions of the write as a whole.

use crate::expr::{Scope, Type};
use crate::field::Field;
use crate::schema::definition::Validation;

/// A module as far as rules are concerned.
pub struct Shape<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its fields in order.
    pub fields: Vec<&'a Field>,
    /// The stages of its records, if it has a pipeline.
    pub stages: Option<Vec<String>>,
    /// Its validation rules.
    pub validation: &'a [Validation],
    /// Roles that a condition may name; None where any key may be.
    pub roles: Option<Vec<String>>,
}

impl Shape<'_> {
    /// A field by its key.
    pub(super) fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key).copied()
    }

    fn field_type(&self, key: &str) -> Option<Type> {
        self.field(key).map(|field| field.kind.expr_type())
    }

    fn stage_type(&self) -> Option<Type> {
        self.stages.clone().map(Type::Choice)
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.fields.iter().map(|field| field.key.clone())
    }
}

/// What conditions call the record as it was.
pub const PAST: &str = "old";

/// What a stage says of itself.
fn of_stage(shape: &Shape<'_>, key: &str) -> Option<Type> {
    shape.stages.as_ref()?;
    match key {
        "probability" => Some(Type::Number),
        "category" => Some(Type::Choice(["open", "won", "lost"].map(str::to_owned).to_vec())),
        _ => None,
    }
}

/// Formulas and conditions of roll-ups: the record's own fields and its stage.
pub(super) struct RecordScope<'a>(pub &'a Shape<'a>);

impl Scope for RecordScope<'_> {
    fn field(&self, path: &[&str]) -> Option<Type> {
        match path {
            ["stage"] => self.0.field_type("stage").or_else(|| self.0.stage_type()),
            [key] => self.0.field_type(key),
            ["stage", key] => of_stage(self.0, key),
            _ => None,
        }
    }

    fn names(&self) -> Vec<String> {
        let stage = self.0.stages.iter().flat_map(|_| ["stage", "stage.probability", "stage.category"]);
        self.0.keys().chain(stage.map(str::to_owned)).collect()
    }
}

/// Conditions and validation rules: the record as it is to be and as it was, who writes it, and where.
pub(super) struct WriteScope<'a>(pub &'a Shape<'a>);

impl WriteScope<'_> {
    fn value(&self, key: &str) -> Option<Type> {
        match key {
            "owner" => Some(self.0.field_type(key).unwrap_or(Type::Reference)),
            key => RecordScope(self.0).field(&[key]),
        }
    }
}

impl Scope for WriteScope<'_> {
    fn field(&self, path: &[&str]) -> Option<Type> {
        match path {
            ["is_new"] => Some(Type::Boolean),
            [key] | [PAST, key] => self.value(key),
            ["user", "role"] => Some(Type::Text),
            ["tenant", "currency" | "country" | "timezone" | "locale"] => Some(Type::Text),
            ["changed()", key] => self.value(key).map(|_| Type::Boolean),
            ["has_role()", role] => {
                let known = self.0.roles.as_ref().is_none_or(|roles| roles.iter().any(|known| known == role));
                (known || *role == "owner").then_some(Type::Boolean)
            }
            path => RecordScope(self.0).field(path),
        }
    }

    fn names(&self) -> Vec<String> {
        let own: Vec<String> = RecordScope(self.0).names().into_iter().chain(["owner".to_owned()]).collect();
        let past = own.iter().filter(|name| !name.contains('.')).map(|name| format!("{PAST}.{name}"));
        let changed = own.iter().filter(|name| !name.contains('.')).map(|name| format!("changed().{name}"));
        let roles = self.0.roles.iter().flatten().map(|role| format!("has_role().{role}"));
        let facts = [
            "is_new",
            "user.role",
            "tenant.currency",
            "tenant.country",
            "tenant.timezone",
            "tenant.locale",
            "has_role().owner",
        ];
        let mut names: Vec<String> = past.chain(changed).chain(roles).collect();
        names.extend(facts.map(str::to_owned));
        names.extend(own);
        names
    }
}
