//! The rules that every write obeys, whoever asks and however many records at once: one file a rule, in the order of
//! [`apply`]. A rule adds faults to the changes that break it, or sets what it is there to set; none writes.

mod circle;
mod condition;
mod duplicate;
pub(super) mod facts;
pub(super) mod formula;
pub(super) mod gate;
mod line;
mod lookup;
pub(super) mod owner;
mod relation;
mod scope;
pub(super) mod stage;
mod unique;
mod validation;

use super::change::Change;
use super::error::Error;
use crate::access::Reach;
use crate::schema::Module;
use crate::work::Work;

/// Holds all rules against some changes of one module's records. `reach` is that of the permit to make them.
pub(super) async fn apply(
    work: &Work,
    module: &Module,
    reach: Reach,
    changes: &mut [Change],
) -> Result<(), Error> {
    owner::apply(work, module, changes).await?;
    relation::apply(work, module, changes).await?;
    circle::apply(work, module, changes).await?;
    line::apply(work, module, changes).await?;
    lookup::apply(work, module, changes).await?;
    formula::apply(&work.schema, module, &work.workspace.locale, changes);
    condition::apply(work, module, changes)?;
    validation::apply(work, module, changes)?;
    gate::apply(work, module, changes)?;
    unique::apply(work, module, changes).await?;
    duplicate::apply(work, module, changes).await?;
    scope::apply(work, module, &reach, changes)?;
    Ok(())
}

/// What follows in records whose relations lose something because another record is gone. Nobody asked for the change,
/// so nothing else is held against it.
pub(super) async fn follow(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    lookup::apply(work, module, changes).await?;
    formula::apply(&work.schema, module, &work.workspace.locale, changes);
    Ok(())
}
