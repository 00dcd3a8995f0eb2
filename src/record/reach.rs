//! Whether a permit extends to a record. Most are decided by the owner alone; where the role's condition or a share
//! decides, the database is asked, once for all records.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio_postgres::Row;

use super::sql::{self, Planned};
use super::values;
use crate::access::{Permit, Read, VerbType};
use crate::db::DbError;
use crate::expr;
use crate::id::{RecordId, UserId};
use crate::schema::Module;
use crate::work::Work;

/// Whether a permit extends to a record with this owner.
pub(super) async fn covers<V: VerbType>(
    work: &Work,
    module: &Module,
    permit: &Permit<V>,
    (id, owner): (RecordId, Option<UserId>),
) -> Result<bool, DbError> {
    match permit.by_owner(owner) {
        Some(covered) => Ok(covered),
        None => Ok(asked(work, module, permit, &[id]).await?.contains(&id)),
    }
}

/// Those of some records of a module, with their owners, that a permit extends to.
pub(super) async fn covered<V: VerbType>(
    work: &Work,
    module: &Module,
    permit: &Permit<V>,
    records: &[(RecordId, Option<UserId>)],
) -> Result<HashSet<RecordId>, DbError> {
    let by_owner = |wanted: Option<bool>| {
        let found = records.iter().filter(move |(_, owner)| permit.by_owner(*owner) == wanted);
        found.map(|(id, _)| *id)
    };
    let undecided: Vec<RecordId> = by_owner(None).collect();
    let mut covered = match undecided.is_empty() {
        true => HashSet::new(),
        false => asked(work, module, permit, &undecided).await?,
    };
    covered.extend(by_owner(Some(true)));
    Ok(covered)
}

/// Those of some rows (`id`, `module`, `owner_id`) that the actor may read, each with its module.
pub(super) async fn readable(work: &Work, rows: &[Row]) -> Result<HashMap<RecordId, Arc<Module>>, DbError> {
    let mut by_module: HashMap<i16, Vec<(RecordId, Option<UserId>)>> = HashMap::new();
    for row in rows {
        by_module.entry(row.get("module")).or_default().push((row.get("id"), row.get("owner_id")));
    }
    let mut readable = HashMap::new();
    for (number, records) in by_module {
        let Some(module) = work.schema.by_number(number) else { continue };
        let Ok(permit) = work.actor.permit::<Read>(module.key()) else { continue };
        let covered = covered(work, module, &permit, &records).await?;
        readable.extend(covered.into_iter().map(|id| (id, module.clone())));
    }
    Ok(readable)
}

/// A condition that cannot be asked lets nothing through.
async fn asked<V: VerbType>(
    work: &Work,
    module: &Module,
    permit: &Permit<V>,
    ids: &[RecordId],
) -> Result<HashSet<RecordId>, DbError> {
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let planned: Planned = match sql::covered((work, &env), module, permit, ids) {
        Ok(planned) => planned,
        Err(error) => {
            tracing::warn!(module = module.key(), %error, "a role's condition lets nothing through");
            return Ok(HashSet::new());
        }
    };
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
