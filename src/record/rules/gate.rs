//! The gates between stages: who may move a record where, with which values, under which conditions, and what stays as
//! it is in a stage that locks. Every refusal is told at once, on every channel alike.

use serde_json::{Map, Value};

use crate::expr::{self, Checked};
use crate::id::UserId;
use crate::pipeline::{PipelineDefinition, Reopen, Stage, StageCategory};
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::record::values;
use crate::schema::Module;
use crate::work::{Channel, Work};

/// Characters of a reason that is a note.
const NOTE: usize = 500;

/// A record that wants to be in another stage, as it would be there.
pub(in crate::record) struct Move<'a> {
    /// The number of the stage that it leaves; 0 for a new record.
    pub(in crate::record) from: i16,
    /// The number of the stage that it enters.
    pub(in crate::record) to: i16,
    /// Its values.
    pub(in crate::record) data: &'a Map<String, Value>,
    /// Who owns it.
    pub(in crate::record) owner: Option<UserId>,
    /// What is given as the reason.
    pub(in crate::record) reason: Option<&'a str>,
}

/// Holds the gates against all changes that move a record, and the lock against all that change one.
pub(super) fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    if module.pipelines.is_empty() {
        return Ok(());
    }
    for change in changes {
        let from = change.before.as_ref().map_or(0, |current| current.stage);
        let reason = change.reason.as_deref();
        let wanted = Move { from, to: change.stage, data: &change.data, owner: change.owner, reason };
        let mut faults = refusals(work, module, &wanted)?;
        faults.extend(locked(work, module, change));
        faults.retain(|fault| !change.faults.iter().any(|other| other.pointer == fault.pointer));
        change.faults.extend(faults);
    }
    Ok(())
}

/// Why a record may not be moved; nothing when it may, or does not move at all.
pub(in crate::record) fn refusals(
    work: &Work,
    module: &Module,
    wanted: &Move<'_>,
) -> Result<Vec<Fault>, Error> {
    let Some(to) = module.placed(wanted.to).filter(|_| wanted.from != wanted.to) else {
        return Ok(Vec::new());
    };
    let mut faults = Vec::new();
    if let Some(from) = module.placed(wanted.from) {
        leave(work, module, wanted, from, to, &mut faults)?;
    }
    enter(work, module, wanted, to, &mut faults)?;
    Ok(faults)
}

type Placed<'m> = (&'m PipelineDefinition, &'m Stage);

fn leave(
    work: &Work,
    module: &Module,
    wanted: &Move<'_>,
    (pipeline, from): Placed<'_>,
    to: Placed<'_>,
    faults: &mut Vec<Fault>,
) -> Result<(), Error> {
    if let Some(next) = &from.next
        && !next.iter().any(|name| is_named(pipeline, name, to))
    {
        faults.push(refused(match next.as_slice() {
            [] => format!("{} is where records stay.", from.label),
            next => format!("From {} a record moves on to {}.", from.label, labels(module, pipeline, next)),
        }));
    }
    if from.is_closed() && !to.1.is_closed() {
        faults.extend(reopened(work, &pipeline.reopen, from));
    }
    let guard = module.guard(from.number).and_then(|guard| guard.leave.as_ref());
    if !holds(work, module, wanted, guard)? {
        let when = told(work, module, guard, from.leave_when.as_deref());
        let usual = || format!("A record leaves {} when {when}.", from.label);
        faults.push(refused(from.leave_message.clone().unwrap_or_else(usual)));
    }
    Ok(())
}

fn enter(
    work: &Work,
    module: &Module,
    wanted: &Move<'_>,
    (pipeline, to): Placed<'_>,
    faults: &mut Vec<Fault>,
) -> Result<(), Error> {
    if !to.roles.is_empty() && !work.actor.has_role(&to.roles) {
        let roles = to.roles.join(" or ");
        faults.push(refused(format!("Moving a record into {} takes the role {roles}.", to.label)));
    }
    let guard = module.guard(to.number).and_then(|guard| guard.enter.as_ref());
    if !holds(work, module, wanted, guard)? {
        let when = told(work, module, guard, to.enter_when.as_deref());
        let usual = || format!("A record enters {} when {when}.", to.label);
        faults.push(refused(to.enter_message.clone().unwrap_or_else(usual)));
    }
    for key in &to.required {
        if wanted.data.get(key).is_none_or(Value::is_null) {
            let label = module.field(key).map_or(key, |stored| &stored.field.label);
            faults.push(Fault::new(pointer(key), "gate", format!("{} needs {label}.", to.label)));
        }
    }
    faults.extend(reason(pipeline, to, wanted.reason));
    Ok(())
}

/// Whether `next` has a stage, by its key or with its pipeline's.
fn is_named(own: &PipelineDefinition, name: &str, (pipeline, stage): Placed<'_>) -> bool {
    match name.split_once('.') {
        Some((prefix, key)) => prefix == pipeline.key && key == stage.key,
        None => own.key == pipeline.key && name == stage.key,
    }
}

fn labels(module: &Module, own: &PipelineDefinition, names: &[String]) -> String {
    let label = |name: &String| {
        let (pipeline, key) = name.split_once('.').unwrap_or((&own.key, name));
        module.stage(pipeline, key).map_or_else(|| name.clone(), |stage| stage.label.clone())
    };
    names.iter().map(label).collect::<Vec<_>>().join(" or ")
}

fn reopened(work: &Work, policy: &Reopen, from: &Stage) -> Option<Fault> {
    match policy {
        Reopen::Anyone => None,
        Reopen::Nobody => Some(refused(format!("What is {} is not opened again.", from.label))),
        Reopen::Roles(roles) if work.actor.has_role(roles) => None,
        Reopen::Roles(roles) => {
            let roles = roles.join(" or ");
            Some(refused(format!("Opening again what is {} takes the role {roles}.", from.label)))
        }
    }
}

/// A lost stage asks for one of the pipeline's reasons, where it has some; anything else may have a note.
fn reason(pipeline: &PipelineDefinition, to: &Stage, given: Option<&str>) -> Option<Fault> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let asked = to.category == StageCategory::Lost && !pipeline.lost_reasons.is_empty();
    if asked && !given.is_some_and(|given| pipeline.lost_reasons.iter().any(|reason| reason.key == given)) {
        let known: Vec<&str> = pipeline.lost_reasons.iter().map(|reason| reason.key.as_str()).collect();
        return Some(Fault::new("/reason", "gate", format!("Say why: choose one of {}.", known.join(", "))));
    }
    let unfit = given.filter(|text| text.chars().count() > NOTE || text.contains('\0'));
    unfit.map(|_| Fault::new("/reason", "length", format!("Say why in at most {NOTE} characters.")))
}

/// A gate's condition in words; of one that asks something which is kept from the actor, only that it does.
fn told<'t>(
    work: &Work,
    module: &Module,
    guard: Option<&Result<Checked, String>>,
    text: Option<&'t str>,
) -> &'t str {
    let seen = work.schema.module(module.key());
    let is_kept = |key: &str| module.field(key).is_some() && seen.is_none_or(|seen| !seen.is_askable(key));
    match guard {
        Some(Ok(condition)) if !condition.fields().iter().any(|key| is_kept(key)) => text.unwrap_or_default(),
        _ => "something that your role does not see allows it",
    }
}

/// Whether a condition is met by the record as it would be; one that no longer compiles is not.
fn holds(
    work: &Work,
    module: &Module,
    wanted: &Move<'_>,
    guard: Option<&Result<Checked, String>>,
) -> Result<bool, Error> {
    let condition = match guard {
        None => return Ok(true),
        Some(Err(_)) => return Ok(false),
        Some(Ok(condition)) => condition,
    };
    let user = work.actor.user.to_string();
    let fields = |key: &str| match (module.field(key), wanted.owner) {
        (None, Some(owner)) if key == "owner" => expr::Value::Text(owner.to_string()),
        _ => module.value(wanted.data, key),
    };
    let value = expr::evaluate(condition, &values::env(work, &user, &fields))?;
    Ok(value == expr::Value::Boolean(true))
}

/// What a record in a locking stage may not have changed. Fields that the stage asks for into which it moves may be
/// filled on the way.
fn locked(work: &Work, module: &Module, change: &Change) -> Vec<Fault> {
    let present = change.before.as_ref().and_then(|current| module.stage_numbered(current.stage));
    let Some(stage) = present.filter(|stage| stage.lock && work.channel != Channel::Template) else {
        return Vec::new();
    };
    let next = module.stage_numbered(change.stage).filter(|next| next.number != stage.number);
    let asked = |key: &String| next.is_some_and(|next| next.required.contains(key));
    let free = |key: &String| {
        let field = module.field(key).map(|stored| &stored.field);
        field.is_none_or(|field| field.editable_when_locked || field.is_read_only()) || asked(key)
    };
    let guilty = change.news().map(|(key, _)| key).filter(|key| !free(key));
    guilty.map(|key| Fault::new(pointer(key), "gate", read_only(stage))).collect()
}

/// A record in a locking stage does not go to the trash.
pub(in crate::record) fn may_delete(module: &Module, stage: i16) -> Result<(), Error> {
    match module.stage_numbered(stage).filter(|stage| stage.lock) {
        Some(stage) => Err(refused(read_only(stage)).into()),
        None => Ok(()),
    }
}

fn read_only(stage: &Stage) -> String {
    format!("What is in {} stays as it is.", stage.label)
}

fn refused(message: String) -> Fault {
    Fault::new("/stage", "gate", message)
}
