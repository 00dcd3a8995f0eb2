//! A field gets a slot or loses it: records are gone over, so many a step, while others write; then the schema says so.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Failure;
use crate::id::RecordId;
use crate::job::{Held, Progress, Turn};
use crate::record::slots;
use crate::schema::{SchemaError, change};
use crate::work::{Intent, Work};

/// Records of one step.
const STEP: usize = 500;

#[derive(Deserialize)]
struct Payload {
    module: String,
    field: String,
}

/// How far the job has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Position {
    after: RecordId,
    /// Whether every record has been gone over.
    complete: bool,
}

fn position(held: &Held) -> Position {
    let stored: Option<Position> = Deserialize::deserialize(&held.position).ok().flatten();
    stored.unwrap_or(Position { after: RecordId(uuid::Uuid::nil()), complete: false })
}

/// Only the last step changes the schema.
pub(super) fn intent(held: &Held) -> Intent {
    if position(held).complete { Intent::ChangeSchema } else { Intent::Write }
}

pub(super) async fn step(work: &Work, held: &Held) -> Result<Turn, Failure> {
    let gone = || Failure::Refused("The field is no longer there.".to_owned());
    let payload: Payload = Deserialize::deserialize(&held.payload).map_err(|_| gone())?;
    let module = work.schema.module(&payload.module).cloned().ok_or_else(gone)?;
    let field = module.field(&payload.field).ok_or_else(gone)?.id;
    let at = position(held);
    if at.complete {
        change::settle_slot(&work.tx, field).await?;
        return Ok(Turn {
            position: json!(at),
            result: held.result.clone(),
            progress: held.progress,
            finished: true,
        });
    }
    let total = match held.progress.total {
        Some(total) => total,
        None => slots::records(work, &module).await?,
    };
    let (records, last) = slots::refresh(work, &module, at.after, STEP).await?;
    let done = held.progress.done + records as i64;
    let next = Position { after: last.unwrap_or(at.after), complete: records < STEP };
    Ok(Turn {
        position: json!(next),
        result: held.result.clone(),
        progress: Progress { done, total: Some(total.max(done)) },
        finished: false,
    })
}

impl From<SchemaError> for Failure {
    fn from(error: SchemaError) -> Self {
        Self::Again(Box::new(error))
    }
}
