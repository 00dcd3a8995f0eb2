//! Some records of a conversion on their way into the table, and the report that grows beside them.

use serde_json::{Map, Value, json};

use super::store::{self, Holder};
use super::{Report, SAMPLES, Sample};
use crate::access::{Permit, Update};
use crate::audit::{self, Action, NewEntry};
use crate::event::{self, Event, Kind};
use crate::field::{Converted, Field};
use crate::id::RecordId;
use crate::record::error::{Error, Fault, Invalid};
use crate::record::stage::{self, Holding};
use crate::record::values::Values;
use crate::record::{duplicate, unique, write};
use crate::schema::Module;
use crate::work::Work;

/// Records that are written at once.
#[derive(Default)]
pub(super) struct Batch {
    records: Vec<(RecordId, Values)>,
    /// What the records were, and whether they lie outside the trash.
    before: Vec<Before>,
    entries: Vec<NewEntry>,
    events: Vec<Event>,
}

/// A record before its value was converted.
struct Before {
    stage: i16,
    deleted: bool,
    data: Map<String, Value>,
}

impl Batch {
    /// A record with its new value, or without one where there is none.
    pub(super) fn add(
        &mut self,
        work: &Work,
        module: &Module,
        holder: Holder,
        key: &str,
        converted: Converted,
    ) {
        let before = Before { stage: holder.stage, deleted: holder.deleted, data: holder.data.clone() };
        self.before.push(before);
        let mut data = holder.data;
        let old = data.remove(key).unwrap_or_default();
        let new = match converted {
            Converted::Whole(value) | Converted::Reduced(value, _) => value,
            Converted::Refused(_) => Value::Null,
        };
        if !new.is_null() {
            data.insert(key.to_owned(), new.clone());
        }
        self.records.push((holder.id, Values::derive(work, module, data)));
        let version = holder.version + 1;
        if old != new {
            let changes = Map::from_iter([(key.to_owned(), json!({"from": old, "to": new}))]);
            self.entries.push(NewEntry {
                action: Action::Updated,
                module: Some(module.number),
                record: Some(holder.id),
                version: Some(version),
                changes,
            });
        }
        self.events.push(Event {
            kind: Kind::RecordUpdated,
            module: module.number,
            record: holder.id,
            version,
            payload: json!([key]),
        });
    }

    /// Renews what records are found by and what they have to themselves. What lies in the trash has nothing to itself.
    async fn key(&self, work: &Work, (old, module): (&Module, &Module), field: &str) -> Result<(), Error> {
        let rules = unique::rules_of(module, field);
        let mut own = Vec::new();
        for (before, (id, values)) in self.before.iter().zip(&self.records) {
            duplicate::rekey(work, (old, module), *id, (&before.data, &values.data)).await?;
            let keys = unique::keys(module, &values.data).into_iter();
            own.extend(keys.filter(|key| !before.deleted && rules.contains(&key.rule)).map(|key| (key, *id)));
        }
        unique::claim(work, module, own).await
    }

    /// Moves the totals of stages, where the value is what a pipeline adds up.
    async fn add_up(&self, work: &Work, (old, module): (&Module, &Module)) -> Result<(), Error> {
        let (mut held, mut holds) = (Vec::new(), Vec::new());
        for (before, (_, values)) in self.before.iter().zip(&self.records).filter(|(it, _)| !it.deleted) {
            held.extend(Holding::of(old, before.stage, &before.data));
            holds.extend(Holding::of(module, before.stage, &values.data));
        }
        Ok(stage::changed(&work.tx, module, &held, &holds).await?)
    }

    /// Rows, keys, totals of stages, history and events. `old` is the module as it was before.
    pub(super) async fn write(
        self,
        work: &Work,
        (old, module): (&Module, &Module),
        field: &str,
        permit: &Permit<Update>,
    ) -> Result<(), Error> {
        let rows = store::rewrite(work, permit, &self.records).await;
        rows.map_err(|error| write::refused(module, error))?;
        self.key(work, (old, module), field).await?;
        self.add_up(work, (old, module)).await?;
        audit::append_all(work, &self.entries).await?;
        event::publish_all(work, &self.events).await?;
        Ok(())
    }
}

impl Report {
    /// Counts a record, and keeps it as a sample while there is room for its kind.
    pub(super) fn add(&mut self, holder: &Holder, from: &Value, converted: &Converted) {
        self.records += 1;
        let (outcome, to, message) = match converted {
            Converted::Whole(_) => {
                self.whole += 1;
                return;
            }
            Converted::Reduced(to, lost) => {
                self.reduced += 1;
                ("reduced", to.clone(), lost.clone())
            }
            Converted::Refused(reject) => {
                self.refused += 1;
                ("refused", Value::Null, reject.message.clone())
            }
        };
        if self.samples.iter().filter(|sample| sample.outcome == outcome).count() < SAMPLES {
            let (id, title) = (holder.id, holder.title.clone());
            self.samples.push(Sample { id, title, outcome, from: from.clone(), to, message });
        }
    }

    /// Why nothing is converted.
    pub(super) fn refusal(&self, new: &Field) -> Invalid {
        let advice = match new.required {
            true => "the field is required, so correct these values first",
            false => "correct these values, or send \"failures\": \"empty\" to leave the records without one",
        };
        let whole = format!("{} of {} values cannot be converted; {advice}.", self.refused, self.records);
        let mut errors = vec![Fault::new("/to", "conversion", whole)];
        let refused = self.samples.iter().filter(|sample| sample.outcome == "refused");
        errors.extend(refused.map(|sample| {
            Fault::new("/to", "conversion", format!("{} ({}): {}", sample.title, sample.id, sample.message))
        }));
        Invalid { errors }
    }
}
