//! To which records a permit extends, as conditions: those of some owners that meet the role's own condition, and
//! those that are shared.

use tokio_postgres::types::Type;

use super::{Untranslatable, condition_of};
use crate::access::{Owners, Reach};
use crate::expr::Env;
use crate::record::sql::Binder;
use crate::schema::Module;
use crate::work::Work;

/// The rows that a condition is about.
pub(in crate::record) struct Rows<'a> {
    /// What they are called.
    pub(in crate::record) alias: &'static str,
    /// The placeholder of their tenant.
    pub(in crate::record) tenant: &'a str,
    /// The placeholder of their module.
    pub(in crate::record) module: &'a str,
}

/// The records that a statement is about: it binds their tenant and their module first.
pub(in crate::record) const LISTED: Rows<'static> = Rows { alias: "r", tenant: "$1", module: "$2" };

/// The owners' part alone, for rows of an alias; None for all owners.
pub(in crate::record) fn owners(reach: &Reach, alias: &str, binder: &mut Binder) -> Option<String> {
    match &reach.owners {
        Owners::All => None,
        Owners::One(user) => Some(format!("{alias}.owner_id = {}", binder.bind(*user, Type::UUID))),
        Owners::Any(users) => {
            Some(format!("{alias}.owner_id = any ({})", binder.bind(users.to_vec(), Type::UUID_ARRAY)))
        }
    }
}

/// What the role's own condition asks of the records of an alias. It knows every field, whatever the role sees.
pub(in crate::record) fn role_condition(
    reach: &Reach,
    (work, module): (&Work, &Module),
    alias: &'static str,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<Option<String>, Untranslatable> {
    let checked = reach.condition.as_ref();
    checked.map(|checked| condition_of(alias, checked, (work, module.whole()), env, binder)).transpose()
}

/// The part that shares open; None where there are none.
pub(in crate::record) fn shared(reach: &Reach, rows: &Rows<'_>, binder: &mut Binder) -> Option<String> {
    let shared = reach.shared.as_ref()?;
    let with = binder.bind(shared.with.to_vec(), Type::TEXT_ARRAY);
    let level = if shared.to_update { " and g.level = 'update'" } else { "" };
    let Rows { alias, tenant, module } = rows;
    Some(format!(
        "{alias}.id = any (array(select g.record_id from record_shares g
           where g.tenant_id = {tenant} and g.module = {module} and g.grantee = any ({with}){level}))"
    ))
}

/// The whole reach over some rows in one condition; None where it is all of them.
pub(in crate::record) fn within(
    reach: &Reach,
    place: (&Work, &Module),
    rows: &Rows<'_>,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<Option<String>, Untranslatable> {
    let own = [owners(reach, rows.alias, binder), role_condition(reach, place, rows.alias, env, binder)?];
    let own: Vec<String> = own.into_iter().flatten().collect();
    if own.is_empty() {
        return Ok(None);
    }
    let own = own.join(" and ");
    Ok(Some(match shared(reach, rows, binder) {
        Some(shared) => format!("({own} or {shared})"),
        None => own,
    }))
}
