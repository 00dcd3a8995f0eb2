//! The append-only log of who did what, written in the transaction of the change it tells of.

mod store;

pub use store::{append, append_all, of_record};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::id::{RecordId, UserId};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A record came to be.
    Created,
    /// Values of a record changed.
    Updated,
    /// A line was given another price than its usual one.
    PriceOverridden,
    /// A record went to the trash.
    Deleted,
    /// A record came back from the trash.
    Restored,
    /// A record was removed for good.
    Purged,
    /// A field became quick to filter and sort by, or no longer is.
    Indexed,
    /// The workspace got a module.
    ModuleAdded,
    /// A module got a field.
    FieldAdded,
    /// A record was opened to somebody, or closed.
    Shared,
    /// A member got another role, team or place.
    MemberChanged,
    /// A team was made, changed or removed.
    TeamChanged,
    /// A module got a pipeline.
    PipelineAdded,
    /// A pipeline changed.
    PipelineChanged,
    /// A pipeline was taken away.
    PipelineRemoved,
    /// The options of a field or of an option set changed, or a set came to be.
    OptionsChanged,
    /// A field got another type.
    FieldConverted,
    /// A template was applied.
    TemplateApplied,
}

impl Action {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::PriceOverridden => "price_overridden",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Purged => "purged",
            Self::Indexed => "indexed",
            Self::ModuleAdded => "module_added",
            Self::FieldAdded => "field_added",
            Self::Shared => "shared",
            Self::MemberChanged => "member_changed",
            Self::TeamChanged => "team_changed",
            Self::PipelineAdded => "pipeline_added",
            Self::PipelineChanged => "pipeline_changed",
            Self::PipelineRemoved => "pipeline_removed",
            Self::OptionsChanged => "options_changed",
            Self::FieldConverted => "field_converted",
            Self::TemplateApplied => "template_applied",
        }
    }
}

/// An entry about to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// What was done.
    pub action: Action,
    /// The number of the module concerned, if any.
    pub module: Option<i16>,
    /// The record concerned, if any.
    pub record: Option<RecordId>,
    /// The record's version after the change.
    pub version: Option<i32>,
    /// `{"field": {"from": …, "to": …}}`
    pub changes: Map<String, Value>,
}

/// An entry as history shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its id; later entries have greater ids.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; None for the system itself.
    pub actor: Option<UserId>,
    /// The actor's name, if they are a member.
    pub actor_name: Option<String>,
    /// `web`, `api`, `cli`, `import`, `template`, `system`
    pub channel: String,
    /// `created`, `updated`, `price_overridden`, `deleted`, `restored`, `shared`
    pub action: String,
    /// The record's version after the change.
    pub version: Option<i32>,
    /// `{"field": {"from": …, "to": …}}`
    pub changes: Map<String, Value>,
}
