//! What is wrong with a pipeline's definition, seen among the fields, roles and other pipelines of its module.

use std::collections::BTreeSet;

use super::{PipelineDefinition, Reopen, Stage};
use crate::expr::{self, Scope, Type};
use crate::field::is_key;
use crate::limits;

/// What a pipeline stands among.
pub struct Around<'a> {
    /// The names that conditions may use.
    pub scope: &'a dyn Scope,
    /// The keys of the module's fields; None where the module is not known.
    pub fields: Option<&'a BTreeSet<&'a str>>,
    /// The keys of roles; None where they are not known.
    pub roles: Option<&'a BTreeSet<&'a str>>,
    /// The other pipelines of the module.
    pub siblings: &'a [&'a PipelineDefinition],
    /// Whether keys, lengths and bounds have been checked already.
    pub well_formed: bool,
}

/// A fault in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer inside the definition, such as `/stages/2/next/0`.
    pub pointer: String,
    /// In a condition, the byte where it begins.
    pub byte: Option<usize>,
    /// What is wrong and what would be right.
    pub message: String,
}

struct Checking<'a> {
    definition: &'a PipelineDefinition,
    around: &'a Around<'a>,
    faults: Vec<Fault>,
}

/// Every fault of a definition whose form is right already.
pub fn check(definition: &PipelineDefinition, around: &Around<'_>) -> Vec<Fault> {
    let mut checking = Checking { definition, around, faults: Vec::new() };
    checking.whole();
    for (at, stage) in definition.stages.iter().enumerate() {
        checking.stage(&format!("/stages/{at}"), stage);
    }
    checking.faults
}

impl Checking<'_> {
    /// What is quoted in a message must not make the message endless.
    fn say(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        let message = message.into().chars().take(400).collect();
        self.faults.push(Fault { pointer: pointer.into(), byte: None, message });
    }

    fn whole(&mut self) {
        let definition = self.definition;
        self.name("", &definition.key, &definition.label);
        match definition.stages.as_slice() {
            [] if self.around.well_formed => {}
            [] => self.say("/stages", "a pipeline has at least one stage"),
            [first, ..] if first.is_closed() => {
                self.say("/stages/0/category", "the first stage is where new records start, so it is open");
            }
            stages if stages.len() > limits::STAGES && !self.around.well_formed => {
                self.say("/stages", format!("a pipeline has at most {} stages", limits::STAGES));
            }
            _ => {}
        }
        self.twins("/stages", "stage", definition.stages.iter().map(|stage| stage.key.as_str()));
        self.twins(
            "/lost_reasons",
            "reason",
            definition.lost_reasons.iter().map(|reason| reason.key.as_str()),
        );
        for (at, reason) in definition.lost_reasons.iter().enumerate() {
            self.name(&format!("/lost_reasons/{at}"), &reason.key, &reason.label);
        }
        if let Reopen::Roles(roles) = &definition.reopen {
            self.roles("/reopen", roles);
        }
        if let Some(field) = &definition.amount {
            self.field("/amount", field);
            if self.around.scope.field(&[field]).is_some_and(|ty| ty != Type::Number) {
                self.say("/amount", format!("field '{field}' is no number, so it cannot be added up"));
            }
        }
    }

    fn name(&mut self, at: &str, key: &str, label: &str) {
        if self.around.well_formed {
            return;
        }
        if !is_key(key) {
            let message = "must be a key: a lower-case letter, then up to 47 letters, digits or _";
            self.say(format!("{at}/key"), message);
        }
        if label.trim().is_empty() || label.chars().count() > 60 {
            self.say(format!("{at}/label"), "must have 1 to 60 characters");
        }
    }

    fn twins<'k>(&mut self, at: &str, what: &str, keys: impl Iterator<Item = &'k str>) {
        let mut seen = BTreeSet::new();
        for (number, key) in keys.enumerate() {
            if !seen.insert(key) {
                self.say(format!("{at}/{number}/key"), format!("{what} '{key}' stands here twice"));
            }
        }
    }

    fn stage(&mut self, at: &str, stage: &Stage) {
        self.name(at, &stage.key, &stage.label);
        if !self.around.well_formed {
            self.bounds(at, stage);
        }
        for (number, field) in stage.required.iter().enumerate() {
            self.field(&format!("{at}/required/{number}"), field);
        }
        for (key, source) in [("enter_when", &stage.enter_when), ("leave_when", &stage.leave_when)] {
            if let Some(source) = source {
                self.condition(format!("{at}/{key}"), source);
            }
        }
        self.roles(&format!("{at}/roles"), &stage.roles);
        for (number, next) in stage.next.iter().flatten().enumerate() {
            self.next(format!("{at}/next/{number}"), next);
        }
    }

    fn bounds(&mut self, at: &str, stage: &Stage) {
        if stage.probability.is_some_and(|percent| percent > 100) {
            self.say(format!("{at}/probability"), "must be 0 to 100");
        }
        if stage.rot_after == Some(0) {
            self.say(format!("{at}/rot_after"), "must be at least 1 day");
        }
        let messages = [("enter_message", &stage.enter_message), ("leave_message", &stage.leave_message)];
        for (key, message) in messages {
            if message.as_ref().is_some_and(|text| text.trim().is_empty() || text.chars().count() > 300) {
                self.say(format!("{at}/{key}"), "must have 1 to 300 characters");
            }
        }
    }

    fn condition(&mut self, pointer: String, source: &str) {
        if self.around.fields.is_none() {
            return;
        }
        if let Err(problems) = expr::condition(source, self.around.scope) {
            self.faults.extend(problems.into_iter().map(|problem| Fault {
                pointer: pointer.clone(),
                byte: Some(problem.start),
                message: problem.message,
            }));
        }
    }

    fn field(&mut self, pointer: &str, key: &str) {
        let Some(fields) = self.around.fields else { return };
        if !fields.contains(key) {
            let hint = suggestion(key, fields.iter().copied());
            self.say(
                pointer,
                format!("field '{key}' does not exist in module '{}'{hint}", self.definition.module),
            );
        }
    }

    fn roles(&mut self, pointer: &str, roles: &[String]) {
        let Some(known) = self.around.roles else { return };
        for (number, role) in roles.iter().enumerate().filter(|(_, role)| !known.contains(role.as_str())) {
            let hint = suggestion(role, known.iter().copied());
            self.say(format!("{pointer}/{number}"), format!("role '{role}' does not exist{hint}"));
        }
    }

    /// `stage`, or `pipeline.stage`.
    fn next(&mut self, pointer: String, name: &str) {
        let (pipeline, key) = match name.split_once('.') {
            None => (self.definition, name),
            Some((pipeline, key)) => {
                let siblings = self.around.siblings.iter().copied();
                let mut all = siblings.chain([self.definition]);
                match all.find(|known| known.key == pipeline) {
                    Some(known) => (known, key),
                    None => {
                        let message =
                            format!("the module '{}' has no pipeline '{pipeline}'", self.definition.module);
                        return self.say(pointer, message);
                    }
                }
            }
        };
        if pipeline.stage(key).is_none() {
            let hint = suggestion(key, pipeline.stages.iter().map(|stage| stage.key.as_str()));
            self.say(pointer, format!("stage '{key}' does not exist in pipeline '{}'{hint}", pipeline.key));
        }
    }
}

/// ` (did you mean 'won'?)`, or nothing where no known word is near.
fn suggestion<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    if word.len() > 64 {
        return String::new();
    }
    let likely =
        known.map(|known| (strsim::jaro_winkler(word, known), known)).filter(|(likeness, _)| *likeness > 0.8);
    let best = likely.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, known)| format!(" (did you mean '{known}'?)")).unwrap_or_default()
}
