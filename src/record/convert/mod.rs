//! Values of a field that gets another type, and slots of choices whose options stand in another order. All of it
//! happens in one transaction that holds the schema, in batches; nothing is written outside of it, nothing is lost:
//! what a value was stays in the record's history.

mod batch;
mod store;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::error::Error;
use super::unique;
use crate::access::{Denied, Owners, Permit, Reach, Update, Verb};
use crate::field::{Field, convert};
use crate::id::RecordId;
use crate::limits;
use crate::schema::{Family, Module, StoredField};
use crate::work::Work;
use batch::Batch;

/// Before every record.
const FIRST: RecordId = RecordId(Uuid::nil());
/// Records that are read and written at once.
const BATCH: i64 = 1_000;
/// Records of each kind that a report names.
const SAMPLES: usize = 20;

/// What becomes, or has become, of a field's values.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Records with a value, those in the trash among them.
    pub records: usize,
    /// Values that say the same in the new type.
    pub whole: usize,
    /// Values that lose something.
    pub reduced: usize,
    /// Values that the new type does not have.
    pub refused: usize,
    /// Some of the records whose values are reduced or refused.
    pub samples: Vec<Sample>,
}

/// A record whose value does not stay whole.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// The record.
    pub id: RecordId,
    /// Its title.
    pub title: String,
    /// `reduced` or `refused`
    pub outcome: &'static str,
    /// The value as it is.
    pub from: Value,
    /// The value as it would be; null where it is refused.
    pub to: Value,
    /// What is lost, or why it is refused.
    pub message: String,
}

/// What to do with values that the new type does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failures {
    /// Nothing is converted.
    #[default]
    Refuse,
    /// The record is left without a value; history keeps the old one.
    Empty,
}

/// The permit that conversions ask for: it must reach every record of the module, since samples and history tell of all.
pub fn permit(work: &Work, module: &Module) -> Result<Permit<Update>, Error> {
    let permit = work.actor.permit::<Update>(module.key())?;
    match permit.reach() {
        Reach { owners: Owners::All, condition: None, .. } => Ok(permit),
        _ => Err(Denied { module: module.key().to_owned(), verb: Verb::Update }.into()),
    }
}

/// What would become of a field's values; writes nothing.
pub async fn report(work: &Work, module: &Module, old: &Field, new: &Field) -> Result<Report, Error> {
    permit(work, module)?;
    let (mut report, mut after) = (Report::default(), FIRST);
    within_limit(work, module, &old.key, limits::CONVERT_RECORDS).await?;
    loop {
        let holders = store::holders(&work.tx, module.number, &old.key, after, BATCH).await?;
        let Some(last) = holders.last() else { return Ok(report) };
        after = last.id;
        for holder in &holders {
            let value = holder.data.get(&old.key).unwrap_or(&Value::Null);
            report.add(holder, value, &convert(&old.kind, &new.kind, value, &work.workspace.locale));
        }
    }
}

/// Converts the values of a field that has got another type: the module before that and as it is now.
pub async fn run(
    work: &Work,
    (before, module): (&Module, &Module),
    old: &Field,
    new: &Field,
    failures: Failures,
) -> Result<Report, Error> {
    let permit = permit(work, module)?;
    let (mut report, mut after) = (Report::default(), FIRST);
    within_limit(work, module, &old.key, limits::CONVERT_RECORDS).await?;
    unique::forget(work, before, &old.key).await?;
    loop {
        let holders = store::holders(&work.tx, module.number, &old.key, after, BATCH).await?;
        let Some(last) = holders.last() else { break };
        after = last.id;
        let mut batch = Batch::default();
        for holder in holders {
            let value = holder.data.get(&old.key).cloned().unwrap_or_default();
            let converted = convert(&old.kind, &new.kind, &value, &work.workspace.locale);
            report.add(&holder, &value, &converted);
            batch.add(work, module, holder, &old.key, converted);
        }
        batch.write(work, (before, module), &old.key, &permit).await?;
    }
    let stays = report.refused > 0 && (failures == Failures::Refuse || new.required);
    if stays { Err(report.refusal(new).into()) } else { Ok(report) }
}

/// Writes the ranks of a choice's options into its slot again, after they have changed places.
pub async fn rerank(work: &Work, module: &Module, stored: &StoredField) -> Result<(), Error> {
    let Some(slot) = stored.slot.filter(|slot| slot.family() == Family::Text) else { return Ok(()) };
    within_limit(work, module, &stored.field.key, limits::RANK_RECORDS).await?;
    let mut after = FIRST;
    while let Some(last) = store::rerank(&work.tx, module, stored, slot, after, BATCH).await? {
        after = last;
    }
    Ok(())
}

async fn within_limit(work: &Work, module: &Module, key: &str, limit: i64) -> Result<(), Error> {
    match store::count(&work.tx, module.number, key, limit + 1).await? > limit {
        true => Err(Error::TooMany { limit }),
        false => Ok(()),
    }
}
