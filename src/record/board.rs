//! A module's board: what the stages of a pipeline hold. Counts and sums come from kept totals where everything is shown
//! that there is, so that they cost the same however many records there are; else they are computed, up to a cap.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::Serialize;

use super::error::{Error, Fault};
use super::output::Record;
use super::page::Count;
use super::query::{CountMode, ListQuery, RawListQuery};
use super::read;
use super::stage::{self, Sum};
use crate::access::Read;
use crate::field::Hue;
use crate::identity::SigningKeys;
use crate::limits;
use crate::pipeline::{PipelineDefinition, Stage, StageCategory};
use crate::schema::Module;
use crate::work::Work;

/// The stages of a pipeline, with cards.
#[derive(Debug, Serialize)]
pub struct Board {
    /// The pipeline's key.
    pub pipeline: String,
    /// What people read.
    pub label: String,
    /// The field that is added up.
    pub amount: Option<String>,
    /// The stages, in order.
    pub stages: Vec<Column>,
}

/// A stage of a board.
#[derive(Debug, Serialize)]
pub struct Column {
    /// The stage's key.
    pub stage: String,
    /// What people read.
    pub label: String,
    /// Its hue.
    pub color: Hue,
    /// Whether records in it are still at work.
    pub category: StageCategory,
    /// Chance of success in percent.
    pub probability: Option<u8>,
    /// How many records it holds.
    pub count: Count,
    /// Their amounts added up, by currency.
    pub sums: Vec<Sum>,
    /// The newest of them.
    pub cards: Vec<Card>,
    /// Whether there are more.
    pub more: bool,
}

/// A record on a board.
#[derive(Debug, Serialize)]
pub struct Card {
    /// The record.
    #[serde(flatten)]
    pub record: Record,
    /// It has been in the stage for longer than records should be.
    pub rotting: bool,
}

/// The board of a pipeline, the default one where none is named.
pub async fn board(
    work: &Work,
    module: &Module,
    pipeline: Option<&str>,
    raw: &RawListQuery,
    keys: &SigningKeys,
) -> Result<Board, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let pipeline = chosen(module, pipeline)?;
    let mut query = ListQuery::parse(work, module, raw, keys)?;
    if raw.limit.is_none() {
        query.limit = limits::BOARD_CARDS;
    }
    (query.count, query.sort) = (CountMode::None, Vec::new());
    let whole = query.filters.is_empty()
        && query.q.as_deref().unwrap_or_default().is_empty()
        && permit.reach().is_everything();
    let mut sums = match whole {
        true => stage::kept(work, module).await?,
        false => read::totals(work, module, &query, pipeline).await?,
    };
    let amount = seen_amount(module, pipeline, &mut sums);
    let counted: i64 = sums.iter().map(|sum| sum.records).sum();
    let exact = whole || counted <= limits::COUNT_CAP;
    let of_stage = |stage: &Stage| ListQuery { stage: Some(stage.number), ..query.clone() };
    let queries: Vec<ListQuery> = pipeline.stages.iter().map(of_stage).collect();
    let cards = read::heads(work, module, &queries).await?;
    let columns = pipeline.stages.iter().zip(cards);
    let columns = columns.map(|(stage, cards)| column(work, stage, cards, (&sums, exact)));
    Ok(Board {
        pipeline: pipeline.key.clone(),
        label: pipeline.label.clone(),
        amount,
        stages: columns.collect(),
    })
}

/// What is kept from the role is not added up for it either.
fn seen_amount(module: &Module, pipeline: &PipelineDefinition, sums: &mut [Sum]) -> Option<String> {
    let is_seen = |key: &String| module.field(key).is_some() && !module.masked().contains(key);
    let amount = pipeline.amount.clone().filter(is_seen);
    if amount.is_none() {
        sums.iter_mut().for_each(|sum| sum.amount = Decimal::ZERO);
    }
    amount
}

fn chosen<'m>(module: &'m Module, key: Option<&str>) -> Result<&'m PipelineDefinition, Fault> {
    let fault = |message: String| Fault::new("/query/pipeline", "option", message);
    let default = module
        .default_pipeline()
        .ok_or_else(|| fault("Records of this module have no stages.".to_owned()))?;
    let Some(key) = key else { return Ok(default) };
    module.pipeline(key).ok_or_else(|| {
        let known: Vec<&str> = module.pipelines.iter().map(|pipeline| pipeline.key.as_str()).collect();
        fault(format!("Choose one of: {}.", known.join(", ")))
    })
}

fn column(
    work: &Work,
    stage: &Stage,
    (records, more): (Vec<Record>, bool),
    (sums, exact): (&[Sum], bool),
) -> Column {
    let own: Vec<Sum> = sums.iter().filter(|sum| sum.stage == stage.number).cloned().collect();
    let now = work.clock.now();
    let rots = |record: &Record| {
        let since = record.stage_entered_at.zip(stage.rot_after);
        since.is_some_and(|(since, days)| now - since > TimeDelta::days(days.into()))
    };
    Column {
        stage: stage.key.clone(),
        label: stage.label.clone(),
        color: stage.color,
        category: stage.category,
        probability: stage.probability,
        count: Count { value: own.iter().map(|sum| sum.records).sum(), exact },
        sums: own.into_iter().filter(|sum| !sum.amount.is_zero()).collect(),
        cards: records.into_iter().map(|record| Card { rotting: rots(&record), record }).collect(),
        more,
    }
}
