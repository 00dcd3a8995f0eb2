//! Conditions of fields: what is seen, asked for and locked. A field that a condition hides is not asked for.

use super::facts::Facts;
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::schema::Module;
use crate::schema::rules::FieldConditions;
use crate::work::Work;

/// Holds the conditions of all fields against each change.
pub(super) fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    for change in changes {
        let (mut faults, mut excused) = (Vec::new(), Vec::new());
        for conditions in &module.rules.conditions {
            let facts = Facts::new(work, module, change);
            let visible = conditions.visible.as_ref().map_or(Ok(true), |condition| facts.hold(condition))?;
            if !visible {
                excused.push(conditions.field.clone());
            } else if is_missing(&facts, change, conditions)? {
                let label = module.field(&conditions.field).map_or("It", |stored| &stored.field.label);
                let message = format!("{label} is required here.");
                faults.push(Fault::new(pointer(&conditions.field), "required", message));
            }
            faults.extend(locked(&facts, change, conditions)?);
        }
        change.faults.extend(faults);
        change.excused = excused;
    }
    Ok(())
}

fn is_missing(facts: &Facts<'_>, change: &Change, conditions: &FieldConditions) -> Result<bool, Error> {
    let Some(condition) = &conditions.required else { return Ok(false) };
    let empty = change.data.get(&conditions.field).is_none_or(serde_json::Value::is_null);
    let at = pointer(&conditions.field);
    let told = change.faults.iter().any(|fault| fault.pointer == at);
    Ok(empty && !told && facts.hold(condition)?)
}

/// Why a stored value may not be replaced.
fn locked(facts: &Facts<'_>, change: &Change, conditions: &FieldConditions) -> Result<Option<Fault>, Error> {
    let key = &conditions.field;
    let old = change.old(key);
    if change.before.is_none() || old == change.data.get(key).unwrap_or(&serde_json::Value::Null) {
        return Ok(None);
    }
    if conditions.set_once && !old.is_null() {
        let message = "This value is set once and stays as it is.";
        return Ok(Some(Fault::new(pointer(key), "set_once", message)));
    }
    let Some(condition) = &conditions.read_only else { return Ok(None) };
    let message = "This value cannot be changed as the record stands.";
    Ok(facts.held(condition)?.then(|| Fault::new(pointer(key), "read_only", message)))
}
