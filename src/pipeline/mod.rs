//! Pipelines and their stages, as declared and as records carry them. This room never does I/O.

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
    /// Stages in order; a new record starts in the first.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What `records.stage` holds; given at install, never by an author, and never reused.
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
