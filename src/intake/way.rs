//! Columns that say where a record stands in its pipeline: pipeline, stage, and why it is there.

use super::csv::CsvRecord;
use super::mapping::ColumnRule;
use super::plan::Plan;
use crate::schema::Module;

/// What such a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The key or the label of a pipeline.
    Pipeline,
    /// The key or the label of a stage.
    Stage,
    /// The key of a lost reason, or a note.
    Reason,
}

/// A column that says where a record stands.
pub(super) struct WayColumn<'m> {
    pub(super) place: usize,
    pub(super) name: &'m str,
    pub(super) word: Word,
    pub(super) rule: &'m ColumnRule,
}

/// Where a row puts its record; what is not said stays as it is, or becomes what it is for a new record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) pipeline: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) reason: Option<String>,
}

impl Word {
    /// The word that a mapping uses in the place of a field. A field of the module that is called so comes first.
    pub(super) fn of(module: &Module, key: &str) -> Option<Self> {
        let known = [("pipeline", Self::Pipeline), ("stage", Self::Stage), ("reason", Self::Reason)];
        let word = known.into_iter().find(|(word, _)| *word == key).map(|(_, word)| word);
        word.filter(|_| !module.pipelines.is_empty() && module.field(key).is_none())
    }

    /// How the write path calls it, in the pointers of its faults.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::Reason => "reason",
        }
    }
}

impl Way {
    /// What of it moves a record that is in a stage already: nothing where the record stands there.
    pub(super) fn from(self, module: &Module, stage: i16) -> Self {
        let placed = module.placed(stage);
        let there = |own: &Option<String>, present: Option<&String>| {
            own.as_ref().is_none_or(|own| Some(own) == present)
        };
        let pipeline = there(&self.pipeline, placed.map(|(pipeline, _)| &pipeline.key));
        let stage = there(&self.stage, placed.map(|(_, stage)| &stage.key));
        if pipeline && stage { Self::default() } else { self }
    }
}

/// What a row says of it. Labels become keys where they are those of one thing; whatever else is said is judged where
/// the record is written.
pub(super) fn read(plan: &Plan<'_>, record: &CsvRecord) -> Way {
    let mut way = Way::default();
    for column in &plan.way {
        let trimmed = record.get(column.place).unwrap_or_default().trim();
        let text = column.rule.values.get(trimmed).map_or(trimmed, String::as_str).trim();
        let is_empty = |texts: &[String]| texts.iter().any(|empty| empty == trimmed);
        if text.is_empty() || is_empty(plan.empty) || is_empty(&column.rule.empty) {
            continue;
        }
        match column.word {
            Word::Pipeline => way.pipeline = Some(text.to_owned()),
            Word::Stage => way.stage = Some(text.to_owned()),
            Word::Reason => way.reason = Some(text.to_owned()),
        }
    }
    keyed(plan.module, way)
}

fn keyed(module: &Module, way: Way) -> Way {
    let key = |text: String, named: Vec<(&String, &String)>| {
        let mut of_label = named.iter().filter(|(_, label)| **label == text).map(|(key, _)| *key);
        match (named.iter().any(|(key, _)| **key == text), of_label.next(), of_label.next()) {
            (false, Some(key), None) => key.clone(),
            _ => text,
        }
    };
    let pipelines = || module.pipelines.iter().map(|pipeline| (&pipeline.key, &pipeline.label)).collect();
    let pipeline = way.pipeline.map(|text| key(text, pipelines()));
    let stages = || {
        let wanted = |own: &String| pipeline.as_ref().is_none_or(|pipeline| pipeline == own);
        let stages = module.stages().filter(|(own, _)| wanted(&own.key));
        stages.map(|(_, stage)| (&stage.key, &stage.label)).collect()
    };
    let stage = way.stage.map(|text| key(text, stages()));
    Way { pipeline, stage, reason: way.reason }
}
