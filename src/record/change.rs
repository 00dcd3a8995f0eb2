//! A write on its way through the checks: what a record was, what it is to become, and every fault found so far.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::{Error, Fault};
use super::rules;
use super::store::Current;
use super::values;
use super::write::{Input, Patch};
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::work::Work;

/// A record about to be written. [`rules::apply`] goes over it; what stands in it afterwards is what is stored.
pub(super) struct Change {
    /// The record's id, given already when it is new.
    pub(super) id: RecordId,
    /// As it lies in the table, locked; None for a new record.
    pub(super) before: Option<Current>,
    /// All values as they are to be, in their stored form; null takes a value away.
    pub(super) data: Map<String, Value>,
    /// The number of its stage; 0 without a pipeline.
    pub(super) stage: i16,
    /// Why it moves there, as given: the key of a lost reason, or a note.
    pub(super) reason: Option<String>,
    /// Who is to own it.
    pub(super) owner: Option<UserId>,
    /// Whether it is known to resemble others, and meant.
    pub(super) allow_duplicates: bool,
    /// What is wrong with it.
    pub(super) faults: Vec<Fault>,
    /// What is worth saying of it, though it is written.
    pub(super) warnings: Vec<Fault>,
    /// Fields that a condition hides, so that they are not asked for.
    pub(super) excused: Vec<String>,
}

impl Change {
    /// A new record, with the defaults of what was not given. `module` is as the actor sees it.
    pub(super) fn create(work: &Work, module: &Module, input: Input) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let mut data = values::normalise(module, input.data, &work.workspace.locale, &mut faults);
        values::fill_defaults(work, module.whole(), &mut data)?;
        let names = (input.pipeline.as_deref(), input.stage.as_deref());
        let stage = rules::stage::number(module, names, 0, &mut faults)
            .unwrap_or_else(|| rules::stage::first(module));
        let owner = Some(input.owner.unwrap_or(work.actor.user));
        Ok(Self {
            id: RecordId::new(),
            before: None,
            data,
            stage,
            reason: input.reason,
            owner,
            allow_duplicates: input.allow_duplicates,
            faults,
            warnings: Vec::new(),
            excused: Vec::new(),
        })
    }

    /// A change of a record that the transaction has locked. `module` is as the actor sees it.
    pub(super) fn update(work: &Work, module: &Module, id: RecordId, current: Current, patch: Patch) -> Self {
        let mut faults = Vec::new();
        let news = new_values(module, &current, patch.data);
        let news = values::normalise(module, news, &work.workspace.locale, &mut faults);
        let names = (patch.pipeline.as_deref(), patch.stage.as_deref());
        let stage = rules::stage::number(module, names, current.stage, &mut faults).unwrap_or(current.stage);
        let owner = patch.owner.unwrap_or(current.owner);
        let mut data = live(module.whole(), &current.data);
        data.extend(news);
        Self {
            id,
            before: Some(current),
            data,
            stage,
            reason: patch.reason,
            owner,
            allow_duplicates: false,
            faults,
            warnings: Vec::new(),
            excused: Vec::new(),
        }
    }

    /// The value that a field had before, null where it had none.
    pub(super) fn old(&self, key: &str) -> &Value {
        self.before.as_ref().and_then(|current| current.data.get(key)).unwrap_or(&Value::Null)
    }

    /// Those values that are not as they were.
    pub(super) fn news(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.data.iter().filter(|(key, value)| self.old(key) != *value)
    }

    /// What differs from before, as history keeps it: `{"field": {"from": …, "to": …}}`. `data` is what is stored.
    pub(super) fn differences(&self, module: &Module, data: &Map<String, Value>) -> Map<String, Value> {
        let Some(current) = &self.before else { return changes(&Map::new(), data) };
        let mut changes = changes(&live(module, &current.data), data);
        if self.stage != current.stage {
            changes.extend(stages(module, current.stage, self.stage));
        }
        if self.owner != current.owner {
            changes.insert("owner".into(), json!({"from": current.owner, "to": self.owner}));
        }
        changes
    }
}

/// A move as history keeps it; the pipeline too, where it is another one.
pub(super) fn stages(module: &Module, from: i16, to: i16) -> Map<String, Value> {
    let keys = |number| module.placed(number).map(|(pipeline, stage)| (&pipeline.key, &stage.key)).unzip();
    let ((from_pipeline, from), (to_pipeline, to)) = (keys(from), keys(to));
    let mut changes = Map::from_iter([("stage".to_owned(), json!({"from": from, "to": to}))]);
    if from_pipeline != to_pipeline {
        changes.insert("pipeline".into(), json!({"from": from_pipeline, "to": to_pipeline}));
    }
    changes
}

/// What differs between two states of a record's data.
fn changes(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let side = |map: &Map<String, Value>, key: &String| map.get(key).cloned().unwrap_or(Value::Null);
    let changed = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
    changed.map(|key| (key.clone(), json!({"from": side(from, key), "to": side(to, key)}))).collect()
}

/// What of a patch is not as it is already: a value that is sent back as it was read is not judged anew, so that it
/// may be a number that the engine gave, an option that is retired, a record that lies in the trash.
fn new_values(module: &Module, current: &Current, given: Map<String, Value>) -> Map<String, Value> {
    let given = given.into_iter().map(|(key, value)| match module.field(&key) {
        Some(stored) => (key, values::plain(stored, value)),
        None => (key, value),
    });
    let is_new = |(key, value): &(String, Value)| {
        let held = current.data.get(key).unwrap_or(&Value::Null);
        match module.field(key) {
            None => true,
            Some(_) if module.masked().contains(key) => module.mask(key, held) != *value,
            Some(_) => held != value,
        }
    };
    given.filter(is_new).collect()
}

/// The data without what belongs to retired fields.
fn live(module: &Module, data: &Map<String, Value>) -> Map<String, Value> {
    let mut data = data.clone();
    data.retain(|key, _| module.field(key).is_some());
    data
}
