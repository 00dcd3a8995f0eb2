//! Related lists: the records that a relation of a record names, and those of any module that point to it.

use std::sync::Arc;

use super::error::Error;
use super::query::Related;
use super::read;
use crate::access::Read;
use crate::id::RecordId;
use crate::schema::Module;
use crate::work::Work;

/// The module whose records stand in the list, and what they have in common. `relation` is the key of a relation of
/// the record's own module (`guests`), or of another module that points to it (`deals.organization`).
pub async fn related(
    work: &Work,
    module: &Module,
    id: RecordId,
    relation: &str,
) -> Result<(Arc<Module>, Related), Error> {
    read::assert_readable(work, module, id).await?;
    let (listed, field, inward) = match relation.split_once('.') {
        Some((other, key)) => {
            let other = work.schema.module(other).ok_or(Error::NotFound)?;
            let stored = other.field(key).ok_or(Error::NotFound)?;
            stored.link().filter(|link| link.targets.contains(&module.key())).ok_or(Error::NotFound)?;
            (other, stored.number, true)
        }
        None => {
            let stored = module.field(relation).ok_or(Error::NotFound)?;
            let link = stored.link().filter(|link| !link.is_mixed()).ok_or(Error::NotFound)?;
            let target = link.targets.first().and_then(|target| work.schema.module(target));
            (target.ok_or(Error::NotFound)?, stored.number, false)
        }
    };
    work.actor.permit::<Read>(listed.key())?;
    Ok((listed.clone(), Related { record: id, field, inward }))
}
