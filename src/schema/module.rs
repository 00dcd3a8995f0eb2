//! A module as the engine uses it: definition, numbers, slots, compiled title and validator.

use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::definition::ModuleDefinition;
use super::rules::Rules;
use super::sight::Sight;
use super::stages::Guards;
use super::{Family, SchemaError, Slot, validator};
use crate::expr;
use crate::field::{Cast, Field, Link};
use crate::id::{FieldId, ModuleId};
use crate::pipeline::PipelineDefinition;

/// Who brought a module or a field in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The industry template.
    Template,
    /// The tenant.
    Tenant,
}

impl Origin {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Tenant => "tenant",
        }
    }

    pub(super) fn from_word(word: &str) -> Self {
        if word == "template" { Self::Template } else { Self::Tenant }
    }
}

/// A field with its place in storage.
#[derive(Clone, Debug)]
pub struct StoredField {
    /// Survives renames.
    pub id: FieldId,
    /// What `record_links.field` holds.
    pub number: i16,
    /// Who brought it in.
    pub origin: Origin,
    /// The column that keeps its sort and compare key, if any and if complete.
    pub slot: Option<Slot>,
    /// The column that is to keep it, while older records are still to be gone over.
    pub building: Option<Slot>,
    /// Its definition.
    pub field: Field,
}

impl StoredField {
    /// Whether a record must have a value. Numbers that the engine gives itself are never asked for.
    pub fn is_required(&self) -> bool {
        self.field.required && !matches!(self.field.kind, crate::field::FieldKind::AutoNumber(_))
    }

    /// Whether a slot keeps its values apart.
    pub fn has_unique_slot(&self) -> bool {
        self.slot.is_some_and(|slot| slot.family() == Family::Unique)
    }

    /// The slot that writers fill: also one that is still being filled for older records.
    pub fn written_slot(&self) -> Option<Slot> {
        self.slot.or(self.building)
    }

    /// The module key that a relation to one record of one module points to; conditions can lead through it.
    pub fn target(&self) -> Option<&str> {
        let link = self.link().filter(|link| !link.many && !link.is_mixed())?;
        link.targets.first().copied()
    }

    /// The relation that it is, if it is one.
    pub fn link(&self) -> Option<Link<'_>> {
        self.field.kind.link()
    }
}

/// Fields whose values no two records may share.
#[derive(Clone, Debug)]
pub struct UniqueRule<'m> {
    /// The fields' numbers: `3+7`.
    pub name: String,
    /// The fields.
    pub fields: Vec<&'m StoredField>,
}

impl<'m> UniqueRule<'m> {
    fn of(fields: Vec<&'m StoredField>) -> Self {
        let numbers: Vec<String> = fields.iter().map(|stored| stored.number.to_string()).collect();
        Self { name: numbers.join("+"), fields }
    }
}

/// Fields that every record has and no template declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the columns")]
pub enum SystemField {
    Title,
    Owner,
    Pipeline,
    Stage,
    StageEnteredAt,
    CreatedAt,
    UpdatedAt,
    CreatedBy,
    UpdatedBy,
    Version,
}

impl SystemField {
    /// Those that lists can show, filter and sort.
    pub const ALL: [Self; 10] = [
        Self::Title,
        Self::Owner,
        Self::Pipeline,
        Self::Stage,
        Self::StageEnteredAt,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::CreatedBy,
        Self::UpdatedBy,
        Self::Version,
    ];

    /// Every key that the engine keeps for itself, also those of system fields that are still to come.
    pub const RESERVED: [&'static str; 16] = [
        "id",
        "number",
        "title",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "owner",
        "team",
        "pipeline",
        "stage",
        "stage_entered_at",
        "version",
        "deleted_at",
        "is_new",
        "source",
    ];

    /// Whether no field may have this key.
    pub fn is_reserved(key: &str) -> bool {
        Self::RESERVED.contains(&key)
    }

    /// The key in columns, filters and sorts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Owner => "owner",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::StageEnteredAt => "stage_entered_at",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::CreatedBy => "created_by",
            Self::UpdatedBy => "updated_by",
            Self::Version => "version",
        }
    }

    /// The heading of its column.
    pub fn label(self) -> &'static str {
        match self {
            Self::Title => "Name",
            Self::Owner => "Owner",
            Self::Pipeline => "Pipeline",
            Self::Stage => "Stage",
            Self::StageEnteredAt => "In stage since",
            Self::CreatedAt => "Created",
            Self::UpdatedAt => "Updated",
            Self::CreatedBy => "Created by",
            Self::UpdatedBy => "Updated by",
            Self::Version => "Version",
        }
    }

    /// The system field with this key.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// How SQL compares it.
    pub fn cast(self) -> Cast {
        match self {
            Self::Title => Cast::Text,
            Self::Owner | Self::Pipeline | Self::Stage | Self::CreatedBy | Self::UpdatedBy => Cast::Exact,
            Self::StageEnteredAt | Self::CreatedAt | Self::UpdatedAt => Cast::Instant,
            Self::Version => Cast::Number,
        }
    }
}

/// A compiled module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Survives renames.
    pub id: ModuleId,
    /// What `records.module` holds.
    pub number: i16,
    /// Who brought it in.
    pub origin: Origin,
    /// As declared, without its fields.
    pub definition: ModuleDefinition,
    /// Its fields in order.
    pub fields: Vec<StoredField>,
    /// Keys whose values may linger in old records and are never shown.
    pub retired: Vec<String>,
    /// The pipelines its records move through, if any; the default one first.
    pub pipelines: Vec<PipelineDefinition>,
    pub(super) guards: Arc<Guards>,
    /// What every write of its records obeys.
    pub rules: Arc<Rules>,
    pub(super) title: expr::Checked,
    pub(super) validator: Arc<OnceLock<Result<Validator, String>>>,
    /// What is kept from the role that it was made for; None for the whole module.
    pub(super) sight: Option<Sight>,
}

impl Module {
    /// Its key.
    pub fn key(&self) -> &str {
        &self.definition.key
    }

    /// A field by its key.
    pub fn field(&self, key: &str) -> Option<&StoredField> {
        self.fields.iter().find(|stored| stored.field.key == key)
    }

    /// What no two records outside the trash may share, besides what unique slots keep apart: fields of the module's own
    /// rules, and unique fields for which no slot was left. Each with the name under which its keys are kept, which is
    /// made of the fields' numbers and so survives renames.
    pub fn unique_rules(&self) -> Vec<UniqueRule<'_>> {
        let single = self.fields.iter().filter(|stored| stored.field.unique && !stored.has_unique_slot());
        let several = self.definition.unique.iter();
        let several =
            several.filter_map(|keys| keys.iter().map(|key| self.field(key)).collect::<Option<Vec<_>>>());
        several.chain(single.map(|stored| vec![stored])).map(UniqueRule::of).collect()
    }

    /// The compiled JSON Schema of a record's data. Compiled by the first who writes: it is much the largest part of a
    /// schema in memory, and most modules of most tenants are read long before they are written, if ever.
    pub fn validator(&self) -> Result<&Validator, SchemaError> {
        let compile = || validator::compile(&validator::json_schema(&self.whole().fields));
        let compiled = self.validator.get_or_init(compile).as_ref();
        compiled
            .map_err(|reason| SchemaError::Corrupt { module: self.key().to_owned(), reason: reason.clone() })
    }

    /// The title of a record with this data.
    pub fn title(&self, data: &Map<String, Value>, env: &expr::Env<'_>) -> String {
        let fields = |key: &str| self.value(data, key);
        let env = expr::Env { fields: &fields, now: env.now, timezone: env.timezone, user: env.user };
        let text = match expr::evaluate(&self.title, &env) {
            Ok(expr::Value::Text(text)) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => String::new(),
        };
        match text.is_empty() {
            true => format!("Untitled {}", self.definition.label.one.to_lowercase()),
            false => text.chars().take(300).collect(),
        }
    }

    /// A field's value as the expression language sees it.
    pub fn value(&self, data: &Map<String, Value>, key: &str) -> expr::Value {
        let known = self.field(key).filter(|_| !self.masked().iter().any(|masked| masked == key));
        match (known, data.get(key)) {
            (Some(stored), Some(value)) if !value.is_null() => stored.field.kind.expr_value(value),
            _ => expr::Value::Null,
        }
    }
}

impl expr::Scope for Module {
    fn field(&self, path: &[&str]) -> Option<expr::Type> {
        let [key] = path else { return None };
        if !self.is_askable(key) {
            return None;
        }
        if let Some(stored) = Self::field(self, key) {
            return Some(stored.field.kind.expr_type());
        }
        Some(match SystemField::named(key)? {
            SystemField::Title => expr::Type::Text,
            SystemField::Pipeline | SystemField::Stage | SystemField::StageEnteredAt
                if self.pipelines.is_empty() =>
            {
                return None;
            }
            SystemField::Pipeline => {
                expr::Type::Choice(self.pipelines.iter().map(|pipeline| pipeline.key.clone()).collect())
            }
            SystemField::Stage => {
                expr::Type::Choice(self.stage_keys().into_iter().map(str::to_owned).collect())
            }
            SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy => expr::Type::Reference,
            SystemField::StageEnteredAt | SystemField::CreatedAt | SystemField::UpdatedAt => {
                expr::Type::Instant
            }
            SystemField::Version => expr::Type::Number,
        })
    }

    fn names(&self) -> Vec<String> {
        let own = self.fields.iter().map(|stored| stored.field.key.clone());
        let names = own.chain(SystemField::ALL.iter().map(|field| field.key().to_owned()));
        names.filter(|name| self.is_askable(name)).collect()
    }
}
