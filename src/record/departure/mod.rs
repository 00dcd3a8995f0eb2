//! What a record's way to the trash does to those that point to it (`on_delete`): some hold it back, some go along and
//! come back with it, some are emptied. What happens is decided on the record that goes: whoever may delete it may have
//! this done, also to records that they could not reach, and learns nothing of those. It never deletes for good.

mod consequence;
mod empty;
mod hold;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use self::consequence::Consequence;
use super::derive::{Moved, State};
use super::error::Error;
use super::rules::gate;
use super::stage::{self, Holding};
use super::store::Current;
use super::{unique, write};
use crate::access::{Delete, Permit};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::event::{self, Event, Kind};
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::{Channel, Work};

/// A record that changes because another one goes; locked.
struct Dependent {
    id: RecordId,
    /// As the actor sees it; what is done here is done to the whole of it.
    module: Arc<Module>,
    current: Current,
}

impl Dependent {
    /// Whether it is in a stage that lets nothing go.
    fn is_fixed(&self) -> bool {
        gate::may_delete(self.module.whole(), self.current.stage).is_err()
    }

    fn moved(self, live: bool) -> Moved {
        let (id, module) = (self.id, self.module.number);
        let before = State::of(self.current);
        let after = State { live, ..before.clone() };
        Moved { module, id, before: Some(before), after }
    }
}

/// Does to all who point to a record what their relations say, before it goes to the trash. The caller has locked it,
/// and brings up what follows from those that were moved.
pub(super) async fn prepare(
    work: &Work,
    permit: &Permit<Delete>,
    module: &Module,
    id: RecordId,
) -> Result<Vec<Moved>, Error> {
    let Consequence { going, taken, emptied } = consequence::of(work, module, id).await?;
    let ids: Vec<RecordId> = taken.iter().map(|dependent| dependent.id).collect();
    if !ids.is_empty() {
        store::take(&work.tx, permit, id, &ids, (work.actor.user, work.clock.now())).await?;
        tell(work, &taken, Action::Deleted, Kind::RecordDeleted).await?;
    }
    for dependent in &taken {
        unique::release(work, dependent.module.whole(), dependent.id).await?;
    }
    for (module, held) in holdings(&taken) {
        stage::changed(work, module.whole(), &held, &[]).await?;
    }
    let mut moved: Vec<Moved> = taken.into_iter().map(|dependent| dependent.moved(false)).collect();
    for (dependent, keys) in emptied {
        moved.push(empty::apply(work, permit, dependent, &keys, &going).await?);
    }
    Ok(moved)
}

/// Brings back what a record took to the trash with it. The caller brings up what follows from it.
pub(super) async fn bring_back(
    work: &Work,
    permit: &Permit<Delete>,
    id: RecordId,
) -> Result<Vec<Moved>, Error> {
    let taken = store::taken_by(work, id).await?;
    let mut by_module: BTreeMap<i16, Vec<&Dependent>> = BTreeMap::new();
    for dependent in &taken {
        by_module.entry(dependent.module.number).or_default().push(dependent);
    }
    for dependents in by_module.into_values() {
        let Some(module) = dependents.first().map(|dependent| &dependent.module) else { continue };
        let ids: Vec<RecordId> = dependents.iter().map(|dependent| dependent.id).collect();
        store::bring_back(&work.tx, permit, &ids, (work.actor.user, work.clock.now()))
            .await
            .map_err(|error| write::refused(module.whole(), error).told(module))?;
        let keys = |dependent: &&Dependent| {
            let id = dependent.id;
            unique::keys(module.whole(), &dependent.current.data).into_iter().map(move |key| (key, id))
        };
        let keys = dependents.iter().flat_map(keys).collect();
        unique::claim(work, module.whole(), keys).await.map_err(|error| error.told(module))?;
    }
    for (module, held) in holdings(&taken) {
        stage::changed(work, module.whole(), &[], &held).await?;
    }
    tell(work, &taken, Action::Restored, Kind::RecordRestored).await?;
    Ok(taken.into_iter().map(|dependent| dependent.moved(true)).collect())
}

/// What some records add to the totals of their stages, by module.
fn holdings(dependents: &[Dependent]) -> Vec<(Arc<Module>, Vec<Holding>)> {
    let mut held: BTreeMap<i16, (Arc<Module>, Vec<Holding>)> = BTreeMap::new();
    for Dependent { module, current, .. } in dependents {
        let entry = held.entry(module.number).or_insert_with(|| (module.clone(), Vec::new()));
        entry.1.extend(Holding::of(module.whole(), current.stage, &current.data));
    }
    held.into_values().filter(|(_, held)| !held.is_empty()).collect()
}

/// Journal and events of records that went or came back with another.
async fn tell(work: &Work, dependents: &[Dependent], action: Action, kind: Kind) -> Result<(), DbError> {
    if dependents.is_empty() {
        return Ok(());
    }
    let entry = |dependent: &Dependent| NewEntry {
        action,
        module: Some(dependent.module.number),
        record: Some(dependent.id),
        version: Some(dependent.current.version + 1),
        changes: Map::new(),
    };
    let news = |dependent: &Dependent| Event {
        kind,
        module: dependent.module.number,
        record: dependent.id,
        version: dependent.current.version + 1,
        payload: Value::Null,
    };
    audit::append_all(work, &dependents.iter().map(entry).collect::<Vec<_>>()).await?;
    if work.channel != Channel::Template {
        event::publish_all(work, &dependents.iter().map(news).collect::<Vec<_>>()).await?;
    }
    Ok(())
}
