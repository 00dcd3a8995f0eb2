//! The way of a record through its stages.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::store::{self, NewPassage};
use crate::access::{Read, Update};
use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::pipeline::StageCategory;
use crate::record::error::{Error, Fault, Invalid};
use crate::record::output::Named;
use crate::record::reach;
use crate::record::rules::gate::{self, Move};
use crate::record::store as records;
use crate::schema::Module;
use crate::work::Work;

/// A record's way, and where it may go.
#[derive(Debug, Serialize)]
pub struct Course {
    /// Every stage it has been in, the present one first.
    pub data: Vec<Passage>,
    /// Every stage that it could be in, in order.
    pub moves: Vec<Possible>,
}

/// A stay in a stage.
#[derive(Debug, Serialize)]
pub struct Passage {
    /// The pipeline, as it was called then.
    pub pipeline: Label,
    /// The stage, as it was called then.
    pub stage: Label,
    /// Whether it was at work there.
    pub category: String,
    /// Since when.
    pub entered_at: DateTime<Utc>,
    /// By whom.
    pub entered_by: Option<Named<UserId>>,
    /// Until when; None for the present stage.
    pub left_at: Option<DateTime<Utc>>,
    /// For how long, until now for the present stage.
    pub seconds: i64,
    /// Why.
    pub reason: Option<Reason>,
}

/// A key with what people read.
#[derive(Debug, Serialize)]
pub struct Label {
    /// The key.
    pub key: String,
    /// What people read.
    pub label: String,
}

/// Why a record went into a stage.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// The key of a lost reason; None for a note.
    pub key: Option<String>,
    /// What people read.
    pub label: String,
}

/// A stage that a record could be in, and what stands in the way.
#[derive(Debug, Serialize)]
pub struct Possible {
    /// The pipeline's key.
    pub pipeline: String,
    /// The stage's key.
    pub stage: String,
    /// What people read.
    pub label: String,
    /// Whether the record is there.
    pub current: bool,
    /// Whether the caller may move it there now.
    pub allowed: bool,
    /// Whether it takes one of the pipeline's reasons.
    pub asks_reason: bool,
    /// Why not.
    pub errors: Vec<Fault>,
}

/// The way of a record that the actor may read, and where it may go.
pub async fn course(work: &Work, module: &Module, id: RecordId) -> Result<Course, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let current = records::find(&work.tx, module.number, id).await?.ok_or(Error::NotFound)?;
    if !reach::covers(work, module, &permit, (id, current.owner)).await? {
        return Err(Error::NotFound);
    }
    let data = store::passages(&work.tx, id, work.clock.now()).await?;
    let mut moves = Vec::new();
    let may_write = match work.actor.permit::<Update>(module.key()) {
        Ok(permit) => !current.deleted && reach::covers(work, module, &permit, (id, current.owner)).await?,
        Err(_) => false,
    };
    for (pipeline, stage) in module.stages() {
        let asks_reason = stage.category == StageCategory::Lost && !pipeline.lost_reasons.is_empty();
        // What is given with the move itself stands in nobody's way.
        let reason = pipeline.lost_reasons.first().map(|reason| reason.key.as_str()).filter(|_| asks_reason);
        let (from, to, data, owner) = (current.stage, stage.number, &current.data, current.owner);
        let errors = gate::refusals(work, module.whole(), &Move { from, to, data, owner, reason })?;
        let errors = Invalid { errors }.told(module).errors;
        moves.push(Possible {
            pipeline: pipeline.key.clone(),
            stage: stage.key.clone(),
            label: stage.label.clone(),
            current: from == to,
            allowed: may_write && errors.is_empty() && from != to,
            asks_reason,
            errors,
        });
    }
    Ok(Course { data, moves })
}

/// Writes down in which stage each new record starts.
pub(in crate::record) async fn entered(
    work: &Work,
    module: &Module,
    records: &[(RecordId, i16, Option<&str>)],
) -> Result<(), DbError> {
    let passages = records.iter().filter_map(|(id, stage, reason)| passage(module, *id, *stage, *reason));
    store::enter(&work.tx, &passages.collect::<Vec<_>>(), work.actor.user, work.clock.now()).await
}

/// Writes down that records have left their stages for another one.
pub(in crate::record) async fn moved(
    work: &Work,
    module: &Module,
    records: &[(RecordId, i16, Option<&str>)],
) -> Result<(), DbError> {
    let ids: Vec<RecordId> = records.iter().map(|(id, ..)| *id).collect();
    let leaving = store::leave(&work.tx, &ids, work.clock.now());
    futures_util::future::try_join(leaving, entered(work, module, records)).await?;
    Ok(())
}

fn passage<'a>(
    module: &'a Module,
    record: RecordId,
    stage: i16,
    reason: Option<&'a str>,
) -> Option<NewPassage<'a>> {
    let (pipeline, stage) = module.placed(stage)?;
    let reason = reason.map(str::trim).filter(|text| !text.is_empty());
    let known = reason.and_then(|given| pipeline.lost_reasons.iter().find(|known| known.key == given));
    let known = known.filter(|_| stage.category == StageCategory::Lost);
    Some(NewPassage {
        record,
        pipeline,
        stage,
        reason_key: known.map(|known| known.key.as_str()),
        reason: known.map(|known| known.label.as_str()).or(reason),
    })
}
