//! A pipeline as declared, with its stages and the gates before, in and after them.

use serde::{Deserialize, Serialize};

use crate::field::Hue;

/// An ordered set of stages for the records of one module (template key: `pipelines/<key>.yaml`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineDefinition {
    /// Unique in the tenant.
    pub key: String,
    /// The module whose records move through it.
    pub module: String,
    /// What people read.
    pub label: String,
    /// Where new records of the module start, if it has several pipelines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub default: bool,
    /// The number or money field that boards add up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Who may take a record out of a won or lost stage into an open one.
    #[serde(default, skip_serializing_if = "Reopen::is_anyone")]
    pub reopen: Reopen,
    /// What to choose from when a record moves into a lost stage; where there are some, one must be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_reasons: Vec<LostReason>,
    /// Stages in order; a new record starts in the first.
    pub stages: Vec<Stage>,
}

/// One stage, with the gates before, in and after it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Unique in the pipeline.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Its hue.
    #[serde(default)]
    pub color: Hue,
    /// Whether records in it are still at work.
    #[serde(default)]
    pub category: StageCategory,
    /// Chance of success, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<u8>,
    /// Fields that a record must have a value in to enter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// The condition under which a record may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter_when: Option<String>,
    /// What people are told who do not meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter_message: Option<String>,
    /// The condition under which a record may leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_when: Option<String>,
    /// What people are told who do not meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_message: Option<String>,
    /// Stages that may follow, `pipeline.stage` for one of another pipeline; any where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Vec<String>>,
    /// Roles whose people may move a record in; everybody's where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// After so many days in the stage a record counts as forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rot_after: Option<u16>,
    /// Records in the stage are read-only, but for fields marked `editable_when_locked`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lock: bool,
    /// What `records.stage` holds, unique in the module; given when the stage is stored, never by an author, and never
    /// reused.
    #[serde(default)]
    pub number: i16,
}

/// Whether records in a stage are still at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageCategory {
    /// At work.
    #[default]
    Open,
    /// Ended well.
    Won,
    /// Ended without success.
    Lost,
}

/// Who may take a closed record back to work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reopen {
    /// Whoever may change the record.
    #[default]
    Anyone,
    /// Nobody.
    Nobody,
    /// People of these roles.
    #[serde(untagged)]
    Roles(Vec<String>),
}

/// Why a record may have been lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostReason {
    /// Unique in the pipeline.
    pub key: String,
    /// What people read.
    pub label: String,
}

impl PipelineDefinition {
    /// A stage by its key.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }
}

impl Stage {
    /// Whether records in it are at work no longer.
    pub fn is_closed(&self) -> bool {
        self.category != StageCategory::Open
    }
}

impl StageCategory {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

impl Reopen {
    fn is_anyone(&self) -> bool {
        *self == Self::Anyone
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}
