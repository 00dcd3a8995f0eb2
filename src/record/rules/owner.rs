//! Who may be made the owner of a record, and by whom.

use crate::access::Assign;
use crate::db::DbError;
use crate::id::{RecordId, UserId};
use crate::record::change::Change;
use crate::record::error::Fault;
use crate::record::{link, reach};
use crate::schema::Module;
use crate::work::Work;

/// Only who may assign a record may change its owner, and only to an active member. A new record is its maker's.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), DbError> {
    let given: Vec<(RecordId, Option<UserId>)> = changes
        .iter()
        .filter(|change| is_given(work, change))
        .map(|change| (change.id, owned_by(work, change)))
        .collect();
    if given.is_empty() {
        return Ok(());
    }
    let may = match work.actor.permit::<Assign>(module.key()) {
        // A record that is not there yet is no condition's business: what it is to become is judged in `scope`.
        Ok(permit) if changes.iter().all(|change| change.before.is_none()) => {
            let own = given.iter().filter(|(_, owner)| permit.reach().owners.include(*owner));
            own.map(|(id, _)| *id).collect()
        }
        Ok(permit) => reach::covered(work, module, &permit, &given).await?,
        Err(_) => Default::default(),
    };
    let news: Vec<UserId> = changes.iter().filter_map(|change| change.owner).collect();
    let members = link::active_members(work, &news).await?;
    for change in changes.iter_mut().filter(|change| is_given(work, change)) {
        if !may.contains(&change.id) {
            let message = "Your role may not give records to others.";
            change.faults.push(Fault::new("/owner", "denied", message));
        } else if change.owner.is_some_and(|owner| !members.contains(&owner)) {
            let message = "Choose an active member of the workspace.";
            change.faults.push(Fault::new("/owner", "member", message));
        }
    }
    Ok(())
}

fn is_given(work: &Work, change: &Change) -> bool {
    owned_by(work, change) != change.owner
}

/// Whose record it is, or would be without a word about it.
fn owned_by(work: &Work, change: &Change) -> Option<UserId> {
    change.before.as_ref().map_or(Some(work.actor.user), |current| current.owner)
}
