//! A module's pipelines as the engine uses them: stages by number, keys that may repeat, conditions compiled.

use std::collections::HashMap;

use super::{Module, StoredField, SystemField};
use crate::expr::{self, Checked};
use crate::pipeline::{PipelineDefinition, Stage};

/// The compiled conditions of a stage. One that no longer compiles, because a field went away, lets nothing through.
#[derive(Debug, Default)]
pub struct Guard {
    /// Under which a record may enter.
    pub enter: Option<Result<Checked, String>>,
    /// Under which it may leave.
    pub leave: Option<Result<Checked, String>>,
}

/// Guards by the number of their stage; only stages that have conditions.
pub(super) type Guards = HashMap<i16, Guard>;

impl Module {
    /// The pipeline in which new records start.
    pub fn default_pipeline(&self) -> Option<&PipelineDefinition> {
        self.pipelines.first()
    }

    /// A pipeline by its key.
    pub fn pipeline(&self, key: &str) -> Option<&PipelineDefinition> {
        self.pipelines.iter().find(|pipeline| pipeline.key == key)
    }

    /// Every stage with its pipeline, in order: the default pipeline first.
    pub fn stages(&self) -> impl Iterator<Item = (&PipelineDefinition, &Stage)> {
        self.pipelines.iter().flat_map(|pipeline| pipeline.stages.iter().map(move |stage| (pipeline, stage)))
    }

    /// The stage, with its pipeline, of the number that records carry.
    pub fn placed(&self, number: i16) -> Option<(&PipelineDefinition, &Stage)> {
        self.stages().find(|(_, stage)| stage.number == number)
    }

    /// A stage by the number that records carry.
    pub fn stage_numbered(&self, number: i16) -> Option<&Stage> {
        self.placed(number).map(|(_, stage)| stage)
    }

    /// A stage by the keys of its pipeline and its own.
    pub fn stage(&self, pipeline: &str, key: &str) -> Option<&Stage> {
        self.pipeline(pipeline)?.stage(key)
    }

    /// The numbers of all stages with a key; several pipelines may have one.
    pub fn stages_keyed(&self, key: &str) -> Vec<i16> {
        self.stages().filter(|(_, stage)| stage.key == key).map(|(_, stage)| stage.number).collect()
    }

    /// The keys of all stages, each once, in order.
    pub fn stage_keys(&self) -> Vec<&str> {
        let mut keys = Vec::new();
        for (_, stage) in self.stages() {
            if !keys.contains(&stage.key.as_str()) {
                keys.push(stage.key.as_str());
            }
        }
        keys
    }

    /// Whether stages of several pipelines have the same key.
    pub fn shares_stage_keys(&self) -> bool {
        self.stage_keys().len() < self.stages().count()
    }

    /// The conditions of a stage.
    pub fn guard(&self, number: i16) -> Option<&Guard> {
        self.guards.get(&number)
    }
}

/// The names that the conditions of stages may use: the module's fields, and who owns the record.
pub struct GuardScope<'a>(pub &'a [StoredField]);

impl expr::Scope for GuardScope<'_> {
    fn field(&self, path: &[&str]) -> Option<expr::Type> {
        let [key] = path else { return None };
        let own = self.0.iter().find(|stored| stored.field.key == *key);
        match own {
            Some(stored) => Some(stored.field.kind.expr_type()),
            None => (*key == SystemField::Owner.key()).then_some(expr::Type::Reference),
        }
    }

    fn names(&self) -> Vec<String> {
        let own = self.0.iter().map(|stored| stored.field.key.clone());
        own.chain([SystemField::Owner.key().to_owned()]).collect()
    }
}

/// Compiles the conditions of a module's stages.
pub(super) fn compile(pipelines: &[PipelineDefinition], fields: &[StoredField]) -> Guards {
    let scope = GuardScope(fields);
    let compiled = |source: &Option<String>| {
        let said = |problems: Vec<expr::Problem>| {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        source.as_ref().map(|source| expr::condition(source, &scope).map_err(said))
    };
    let stages = pipelines.iter().flat_map(|pipeline| &pipeline.stages);
    let guarded = stages.filter(|stage| stage.enter_when.is_some() || stage.leave_when.is_some());
    guarded
        .map(|stage| {
            let guard = Guard { enter: compiled(&stage.enter_when), leave: compiled(&stage.leave_when) };
            (stage.number, guard)
        })
        .collect()
}
