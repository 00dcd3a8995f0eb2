//! A new record that is likely there already is refused, or needs somebody to say that it is meant.

use serde_json::{Map, Value};

use crate::record::change::Change;
use crate::record::duplicate::{self, Twin};
use crate::record::error::{Error, Fault, pointer};
use crate::schema::Module;
use crate::work::{Channel, Work};

/// Twins that are told of; one is enough to refuse.
const TOLD: usize = 5;

/// Adds a fault for each record that a new one resembles. A rule that only warns tells of records that the actor may
/// read, and can be overruled; one that blocks refuses whoever may read what, and tells no more than that.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    let new = changes.iter().any(|change| change.before.is_none());
    if module.definition.duplicates.is_empty() || !new || work.channel == Channel::Template {
        return Ok(());
    }
    let data: Vec<Map<String, Value>> = changes.iter().map(|change| change.data.clone()).collect();
    let twins = duplicate::twins(work, module, &data).await?;
    for (change, twins) in changes.iter_mut().zip(twins).filter(|(change, _)| change.before.is_none()) {
        let allowed = change.allow_duplicates;
        let refusing = twins.iter().filter(|twin| twin.blocks || twin.readable && !allowed).take(TOLD);
        change.faults.extend(refusing.map(|twin| fault(module, twin)));
    }
    Ok(())
}

fn fault(module: &Module, twin: &Twin) -> Fault {
    let one = module.definition.label.one.to_lowercase();
    let at = twin.candidate.fields.first().map(|key| pointer(key)).unwrap_or_default();
    let code = if twin.blocks { "duplicate" } else { "possible_duplicate" };
    let message = match (twin.readable, twin.blocks) {
        (true, false) => format!(
            "This looks like {}, which is there already. Say so if it is another {one}.",
            twin.candidate.title
        ),
        (true, true) => format!("This is {}, which is there already.", twin.candidate.title),
        (false, _) => format!("There is such a {one} already."),
    };
    let candidate = twin.readable.then(|| twin.candidate.clone());
    Fault { candidate, ..Fault::new(at, code, message) }
}
