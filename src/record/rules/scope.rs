//! What a role's own condition asks of records holds after a write as it did before.

use crate::access::Reach;
use crate::expr::{self, Checked, Env, OutOfFuel, Value};
use crate::record::change::Change;
use crate::record::error::Fault;
use crate::record::values;
use crate::schema::Module;
use crate::work::Work;

/// Nobody makes a record, or makes one of it, that their role's condition would keep from them.
pub(super) fn apply(
    work: &Work,
    module: &Module,
    reach: &Reach,
    changes: &mut [Change],
) -> Result<(), OutOfFuel> {
    let Some(condition) = &reach.condition else { return Ok(()) };
    for change in changes.iter_mut() {
        if !holds(work, module, condition, change)? {
            let one = module.definition.label.one.to_lowercase();
            let message = format!("Your role may not leave a {one} like this: it would be out of its reach.");
            change.faults.push(Fault::new("/data", "scope", message));
        }
    }
    Ok(())
}

fn holds(work: &Work, module: &Module, condition: &Checked, change: &Change) -> Result<bool, OutOfFuel> {
    let fields = |path: &str| match path {
        "owner" => change.owner.map_or(Value::Null, |owner| Value::Text(owner.to_string())),
        "stage" => {
            let stage = module.stage_numbered(change.stage);
            stage.map_or(Value::Null, |stage| Value::Text(stage.key.clone()))
        }
        key => module.value(&change.data, key),
    };
    let user = work.actor.user.to_string();
    let nothing = |_: &str| Value::Null;
    let env = Env { fields: &fields, ..values::env(work, &user, &nothing) };
    Ok(expr::evaluate(condition, &env)? == Value::Boolean(true))
}
