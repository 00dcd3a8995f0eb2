//! The rules that every write obeys, whoever asks and however many records at once: one file a rule, in the order of
//! [`apply`]. A rule adds faults to the changes that break it, or sets what it is there to set; none writes.

mod duplicate;
pub(super) mod gate;
pub(super) mod owner;
mod relation;
pub(super) mod stage;
mod unique;

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
    owner::apply(work, reach, changes).await?;
    relation::apply(work, module, changes).await?;
    gate::apply(work, module, changes)?;
    unique::apply(work, module, changes).await?;
    duplicate::apply(work, module, changes).await?;
    Ok(())
}
