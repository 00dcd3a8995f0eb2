//! To which records a permit extends, as conditions: those of some owners that meet the role's own condition, and
//! those that are shared. `$1` is the tenant and `$2` the module in every statement that these stand in.

use tokio_postgres::types::Type;

use super::{Untranslatable, condition};
use crate::access::{Owners, Reach};
use crate::expr::Env;
use crate::record::sql::Binder;
use crate::schema::Module;

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

/// What the role's own condition asks of records `r`.
pub(in crate::record) fn role_condition(
    reach: &Reach,
    module: &Module,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<Option<String>, Untranslatable> {
    let checked = reach.condition.as_ref();
    checked.map(|checked| condition(checked, module.whole(), env, binder)).transpose()
}

/// The part that shares open, for ids of an alias; None where there are none.
pub(in crate::record) fn shared(reach: &Reach, alias: &str, binder: &mut Binder) -> Option<String> {
    let shared = reach.shared.as_ref()?;
    let with = binder.bind(shared.with.to_vec(), Type::TEXT_ARRAY);
    let level = if shared.to_update { " and g.level = 'update'" } else { "" };
    Some(format!(
        "{alias}.id = any (array(select g.record_id from record_shares g
           where g.tenant_id = $1 and g.module = $2 and g.grantee = any ({with}){level}))"
    ))
}

/// The whole reach over records `r` in one condition; None where it is all of them.
pub(in crate::record) fn within(
    reach: &Reach,
    module: &Module,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<Option<String>, Untranslatable> {
    let own = [owners(reach, "r", binder), role_condition(reach, module, env, binder)?];
    let own: Vec<String> = own.into_iter().flatten().collect();
    if own.is_empty() {
        return Ok(None);
    }
    let own = own.join(" and ");
    Ok(Some(match shared(reach, "r", binder) {
        Some(shared) => format!("({own} or {shared})"),
        None => own,
    }))
}
