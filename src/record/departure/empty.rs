//! Takes what goes to the trash out of the relations of those that stay (`on_delete: set_null`).

use std::slice;

use futures_util::future::try_join4;
use serde_json::json;

use super::{Dependent, store};
use crate::access::{Delete, Permit};
use crate::audit::Action;
use crate::event::Kind;
use crate::id::RecordId;
use crate::record::change::Change;
use crate::record::derive::{Moved, State};
use crate::record::error::Error;
use crate::record::stage::Holding;
use crate::record::store::Changed;
use crate::record::values::Values;
use crate::record::write::Patch;
use crate::record::{effects, link, rules};
use crate::work::Work;

/// Takes what goes out of a record's relations `keys`, with what was copied through them.
pub(super) async fn apply(
    work: &Work,
    permit: &Permit<Delete>,
    dependent: Dependent,
    keys: &[String],
    going: &[RecordId],
) -> Result<Moved, Error> {
    let Dependent { id, module, current } = dependent;
    let (module, from, version) = (module.whole(), current.stage, current.version + 1);
    let held = Holding::of(module, from, &current.data);
    let mut change = Change::update(work, module, id, current, Patch::default());
    for key in keys {
        let left = link::without(change.old(key), going);
        change.data.insert(key.clone(), left);
    }
    rules::follow(work, module, slice::from_mut(&mut change)).await?;
    let values = Values::emptied(work, module, &mut change);
    let differences = change.differences(module, &values.data);
    let changed_keys: Vec<String> = differences.keys().cloned().collect();
    let (by, at) = (work.actor.user, work.clock.now());
    let changed = Changed { id, stage: change.stage, owner: change.owner, by, at, values: &values };
    store::empty(&work.tx, permit, &changed).await?;
    try_join4(
        effects::relink(work, module, id, &values, keys),
        effects::journal(work, module, Action::Updated, (id, version), differences),
        effects::announce(work, module, Kind::RecordUpdated, (id, version), json!(changed_keys)),
        effects::progress(work, module, &change, (from, held), &values.data),
    )
    .await?;
    effects::rekey(work, module, &change, &values).await?;
    let after = State { live: true, stage: change.stage, data: values.data };
    Ok(Moved { module: module.number, id, before: change.before.map(State::of), after })
}
