//! Who may be made the owner of a record, and by whom.

use crate::access::Reach;
use crate::db::DbError;
use crate::record::change::Change;
use crate::record::error::Fault;
use crate::record::link;
use crate::work::Work;

/// Only who reaches all records may give one to somebody else, and only to an active member.
pub(super) async fn apply(work: &Work, reach: Reach, changes: &mut [Change]) -> Result<(), DbError> {
    let new_owners =
        changes.iter().filter(|change| is_given_away(work, change)).filter_map(|change| change.owner);
    let members = link::active_members(work, &new_owners.collect::<Vec<_>>()).await?;
    for change in changes.iter_mut().filter(|change| is_given_away(work, change)) {
        if matches!(reach, Reach::Own(_)) {
            let message = "Your role may not give records to others.";
            change.faults.push(Fault::new("/owner", "denied", message));
        } else if change.owner.is_some_and(|owner| !members.contains(&owner)) {
            let message = "Choose an active member of the workspace.";
            change.faults.push(Fault::new("/owner", "member", message));
        }
    }
    Ok(())
}

fn is_given_away(work: &Work, change: &Change) -> bool {
    let stays = change.before.as_ref().is_some_and(|current| current.owner == change.owner);
    !stays && change.owner != Some(work.actor.user)
}
