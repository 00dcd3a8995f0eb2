//! A record's way through its pipeline: the path of stages, which moves are open, and why others are not.

use serde::Serialize;

use super::system;
use crate::pipeline::StageCategory;
use crate::record::{Course, Possible, Record};
use crate::schema::Module;

/// The path of stages, with what may be done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Progress {
    /// What the pipeline is called.
    pub pipeline: String,
    /// Its stages, in order; none without a pipeline.
    pub path: Vec<Step>,
    /// Stages of other pipelines that the record may move to.
    pub elsewhere: Vec<Choice>,
    /// What to choose from when it is lost.
    pub reasons: Vec<Choice>,
    /// Why stages are closed to it, in words.
    pub refused: Vec<Refused>,
    /// How long it has been in its stage.
    pub since: String,
}

/// A stage of the path.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What a form sends for it.
    pub value: String,
    /// What people read: of a closed record the name that the stage had when it closed.
    pub label: String,
    /// `done`, `current` or `next`.
    pub state: &'static str,
    /// The record may move here.
    pub allowed: bool,
    /// Why not.
    pub why: String,
}

/// Something to choose.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What a form sends.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A stage that the record may not move to.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// The stage.
    pub label: String,
    /// Why.
    pub why: String,
}

/// The progress of a record.
pub(super) fn progress(module: &Module, record: &Record, course: &Course) -> Progress {
    let present = record.pipeline.as_deref().and_then(|key| module.pipeline(key));
    let Some(pipeline) = present.or_else(|| module.default_pipeline()) else { return Progress::default() };
    let (own, others): (Vec<&Possible>, Vec<&Possible>) =
        course.moves.iter().partition(|possible| possible.pipeline == pipeline.key);
    let open = others.into_iter().filter(|possible| possible.allowed);
    let refused = own.iter().filter(|possible| record.can.update && !possible.current && !possible.allowed);
    let wants_reason = course.moves.iter().any(|possible| possible.asks_reason && possible.allowed);
    let reasons = pipeline.lost_reasons.iter().filter(|_| wants_reason);
    Progress {
        pipeline: pipeline.label.clone(),
        path: path(module, record, course, &own),
        elsewhere: open.map(|possible| choice(module, possible)).collect(),
        reasons: reasons.map(|it| Choice { value: it.key.clone(), label: it.label.clone() }).collect(),
        refused: refused.map(|it| Refused { label: it.label.clone(), why: why(it) }).collect(),
        since: course.data.first().map(|stay| lasting(stay.seconds)).unwrap_or_default(),
    }
}

/// The stages of the pipeline; those before the present one are done, unless the record has left the path.
fn path(module: &Module, record: &Record, course: &Course, own: &[&Possible]) -> Vec<Step> {
    let present = own.iter().position(|possible| possible.current);
    let stage = |possible: &Possible| module.stage(&possible.pipeline, &possible.stage);
    let lost = present.and_then(|at| stage(own[at])).is_some_and(|it| it.category == StageCategory::Lost);
    let closed_as = course.data.first().filter(|stay| stay.left_at.is_none() && stay.category != "open");
    let state = |at: usize| match present {
        Some(present) if at == present => "current",
        Some(present) if at < present && !lost => "done",
        _ => "next",
    };
    let step = |(at, possible): (usize, &&Possible)| Step {
        value: choice(module, possible).value,
        label: match closed_as.filter(|_| possible.current && record.stage.is_some()) {
            Some(stay) => stay.stage.label.clone(),
            None => possible.label.clone(),
        },
        state: state(at),
        allowed: possible.allowed,
        why: why(possible),
    };
    own.iter().enumerate().map(step).collect()
}

/// A stage as the forms name it.
fn choice(module: &Module, possible: &Possible) -> Choice {
    let value = system::stage_value(module, &possible.pipeline, &possible.stage);
    let pipeline = module.pipeline(&possible.pipeline).map_or("", |pipeline| &pipeline.label);
    Choice { value, label: format!("{pipeline}: {}", possible.label) }
}

fn why(possible: &Possible) -> String {
    possible.errors.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(" ")
}

/// "3 days", for how long a stay has lasted.
pub(super) fn lasting(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => return "less than a minute".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
