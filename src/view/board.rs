//! The board page: stages with their counts and sums, cards with a control that moves them.

use serde::Serialize;
use serde_json::json;

use super::progress::{Choice, lasting};
use super::{ListAddress, ModuleAccess, ModuleFace, ViewContext, list, system};
use crate::field::{Field, Hue};
use crate::identity::SigningKeys;
use crate::pipeline::{PipelineDefinition, Stage, StageCategory};
use crate::record::{self, Column, RawListQuery, Record, Sum};
use crate::schema::Module;

/// Everything that a board page shows.
#[derive(Clone, Debug, Serialize)]
pub struct BoardModel {
    /// The module.
    pub module: ModuleFace,
    /// What the pipeline is called.
    pub label: String,
    /// The module's pipelines.
    pub pipelines: Vec<PipelineTab>,
    /// The stages, in order.
    pub stages: Vec<StageModel>,
    /// The form for a new record; "" where nobody may.
    pub new_href: String,
}

/// A pipeline as a tab.
#[derive(Clone, Debug, Serialize)]
pub struct PipelineTab {
    /// What people read.
    pub label: String,
    /// Its board.
    pub href: String,
    /// The one that is shown.
    pub current: bool,
}

/// A stage with its cards.
#[derive(Clone, Debug, Serialize)]
pub struct StageModel {
    /// Its key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Its hue.
    pub color: Hue,
    /// "1,091"
    pub count: String,
    /// "USD 1,234.50"
    pub sums: String,
    /// The newest records.
    pub cards: Vec<CardModel>,
    /// Where records of the stage may move.
    pub moves: Vec<Choice>,
    /// The list of all of them; "" where the cards are all.
    pub all_href: String,
}

/// A record as a card.
#[derive(Clone, Debug, Serialize)]
pub struct CardModel {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Its version.
    pub version: i32,
    /// What it adds to the sum; "" for nothing.
    pub amount: String,
    /// Who owns it; "" for nobody.
    pub owner: String,
    /// How long it has been here.
    pub since: String,
    /// For too long.
    pub rotting: bool,
    /// Where it is moved; "" where the actor may not.
    pub move_href: String,
}

/// The board of a pipeline of a module, the default one where the name is empty.
pub async fn board(
    ctx: ViewContext<'_>,
    module: &Module,
    pipeline: &str,
    raw: RawListQuery,
    key: &SigningKeys,
) -> Result<BoardModel, record::Error> {
    let named = Some(pipeline).filter(|key| !key.is_empty());
    let board = record::board(ctx.work, module, named, &raw, key).await?;
    let Some(pipeline) = module.pipeline(&board.pipeline) else { return Err(record::Error::NotFound) };
    let tab = |own: &PipelineDefinition| PipelineTab {
        label: own.label.clone(),
        href: format!("{}?pipeline={}", ctx.links.board(module.key()), own.key),
        current: own.key == board.pipeline,
    };
    let stages = pipeline.stages.iter().zip(&board.stages);
    Ok(BoardModel {
        module: ModuleFace::new(module, ctx.links),
        label: board.label.clone(),
        pipelines: module.pipelines.iter().map(tab).collect(),
        stages: stages.map(|(stage, column)| ctx.stage(module, pipeline, stage, column)).collect(),
        new_href: match ModuleAccess::of(ctx.work, module).create {
            true => ctx.links.new_record(module.key()),
            false => String::new(),
        },
    })
}

impl ViewContext<'_> {
    fn stage(
        &self,
        module: &Module,
        pipeline: &PipelineDefinition,
        stage: &Stage,
        column: &Column,
    ) -> StageModel {
        let filter = format!("pipeline == \"{}\" and stage == \"{}\"", pipeline.key, stage.key);
        let list = ListAddress::new(self.links.module(module.key())).filtered(filter);
        let amount = pipeline.amount.as_ref().and_then(|key| module.field(key)).map(|stored| &stored.field);
        StageModel {
            key: stage.key.clone(),
            label: stage.label.clone(),
            color: stage.color,
            count: format!(
                "{}{}",
                list::grouped(column.count.value),
                if column.count.exact { "" } else { "+" }
            ),
            sums: column.sums.iter().map(|sum| self.sum(amount, sum)).collect::<Vec<_>>().join(", "),
            cards: column.cards.iter().map(|card| self.card(amount, &card.record, card.rotting)).collect(),
            moves: moves(module, pipeline, stage),
            all_href: if column.more { list.href() } else { String::new() },
        }
    }

    fn sum(&self, amount: Option<&Field>, sum: &Sum) -> String {
        let total = sum.amount.to_string();
        let value = match sum.currency.as_str() {
            "" => json!(total),
            currency => json!({"amount": total, "currency": currency}),
        };
        amount.map(|field| field.kind.display(&value, &self.work.workspace.locale)).unwrap_or(total)
    }

    fn card(&self, amount: Option<&Field>, record: &Record, rotting: bool) -> CardModel {
        let values = record.values();
        let amount = amount.and_then(|field| {
            let value = values.get(&field.key).filter(|value| !value.is_null())?;
            Some(field.kind.display(value, &self.work.workspace.locale))
        });
        let now = self.work.clock.now();
        let since = record.stage_entered_at.map(|at| lasting((now - at).num_seconds().max(0)));
        CardModel {
            id: record.id.to_string(),
            title: record.title.clone(),
            href: self.links.record(&record.module, record.id),
            version: record.version,
            amount: amount.unwrap_or_default(),
            owner: record.owner.as_ref().and_then(|owner| owner.name.clone()).unwrap_or_default(),
            since: since.unwrap_or_default(),
            rotting,
            move_href: match record.can.update {
                true => self.links.of_record(&record.module, record.id, "stage"),
                false => String::new(),
            },
        }
    }
}

/// The stages that may follow; a lost one once for each of its reasons.
fn moves(module: &Module, pipeline: &PipelineDefinition, from: &Stage) -> Vec<Choice> {
    let follows = |stage: &&Stage| {
        let next = from.next.as_ref();
        stage.number != from.number && next.is_none_or(|next| next.contains(&stage.key))
    };
    let mut choices = Vec::new();
    for stage in pipeline.stages.iter().filter(follows) {
        let value = system::stage_value(module, &pipeline.key, &stage.key);
        if stage.category != StageCategory::Lost || pipeline.lost_reasons.is_empty() {
            choices.push(Choice { value, label: stage.label.clone() });
            continue;
        }
        choices.extend(pipeline.lost_reasons.iter().map(|reason| Choice {
            value: format!("{value}:{}", reason.key),
            label: format!("{}: {}", stage.label, reason.label),
        }));
    }
    choices
}
