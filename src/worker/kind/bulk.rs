//! Many records, so many a step. Refused ones are kept with their problems, up to a bound.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use crate::http::Problem;
use crate::job::{Held, Progress, Turn};
use crate::limits;
use crate::record::bulk::{self, ItemResult, Order, Place};
use crate::work::Work;

/// Records of one step: few enough that it ends well within a lease.
const STEP: usize = 100;

/// What is to be done, in a module.
#[derive(Deserialize)]
struct Payload {
    module: String,
    order: Order,
}

/// What came of it so far.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Outcome {
    succeeded: i64,
    failed: i64,
    /// `{"index", "id", "problem"}` of those that were refused.
    failures: Vec<Value>,
    /// Whether more were refused than are kept.
    failures_cut: bool,
}

impl Outcome {
    fn count(&mut self, index: usize, (id, result): ItemResult) {
        let Err(error) = result else {
            self.succeeded += 1;
            return;
        };
        self.failed += 1;
        if self.failures.len() >= limits::BULK_PROBLEMS {
            self.failures_cut = true;
            return;
        }
        self.failures.push(json!({"index": index, "id": id, "problem": Problem::from(error).to_json()}));
    }
}

/// Carries the order out on the next records.
pub(super) async fn step(work: &Work, held: &Held) -> Result<Turn, Failure> {
    let unreadable =
        |error: serde_json::Error| Failure::Refused(format!("The order cannot be read: {error}."));
    let Payload { module, order } = Deserialize::deserialize(&held.payload).map_err(unreadable)?;
    let place: Option<Place> = Deserialize::deserialize(&held.position).map_err(unreadable)?;
    let mut outcome: Outcome = Deserialize::deserialize(&held.result).map_err(unreadable)?;
    let gone = || Failure::Refused("The module is no longer there.".to_owned());
    let module = work.schema.module(&module).cloned().ok_or_else(gone)?;
    bulk::permit(work, &module, order.action)?;
    let place = place.unwrap_or_default();
    let (items, next) = bulk::next(work, &module, &order, place, STEP).await?;
    let finished = items.len() < STEP;
    let results = bulk::apply(work, &module, &order, items).await?;
    for (index, result) in (place.taken..).zip(results) {
        outcome.count(index, result);
    }
    let done = next.taken as i64;
    Ok(Turn {
        position: json!(next),
        result: json!(outcome),
        progress: Progress { done, total: held.progress.total.map(|total| total.max(done)) },
        finished,
    })
}
