//! Changes of what can be chosen: option sets, and the options of fields. Nothing is taken away, since records have it;
//! what is not to be offered any more is retired.

use super::module::{Origin, StoredField};
use super::{Schema, SchemaError, store};
use crate::db::TenantTx;
use crate::field::{ChoiceOption, FieldError, OptionSet, check_change};
use crate::limits;

/// Adds option sets; keys that are taken are refused.
pub async fn add_sets(
    tx: &TenantTx,
    schema: &Schema,
    sets: &[OptionSet],
    origin: Origin,
) -> Result<(), SchemaError> {
    if schema.option_sets().len() + sets.len() > limits::OPTION_SETS {
        return Err(SchemaError::Limit(format!(
            "A workspace has at most {} option sets.",
            limits::OPTION_SETS
        )));
    }
    for set in sets {
        if schema.option_sets().contains_key(&set.key) {
            return Err(SchemaError::Exists { what: "option set", key: set.key.clone() });
        }
        sound(check_change(&[], &set.options))?;
        store::put_option_set(tx, set, origin).await?;
    }
    store::raise_version(tx).await?;
    Ok(())
}

/// Replaces a set's label and options. Every option that was there must be there still.
pub async fn change_set(tx: &TenantTx, old: &OptionSet, new: &OptionSet) -> Result<(), SchemaError> {
    sound(check_change(&old.options, &new.options))?;
    store::put_option_set(tx, new, Origin::Tenant).await?;
    store::raise_version(tx).await?;
    Ok(())
}

/// Replaces the options of a field that has its own. Every option that was there must be there still.
pub async fn change_options(
    tx: &TenantTx,
    stored: &StoredField,
    options: Vec<ChoiceOption>,
) -> Result<StoredField, SchemaError> {
    let refused = match (stored.field.option_set(), stored.field.options()) {
        (Some(set), _) => Some(format!("the options are those of the option set '{set}'; change them there")),
        (None, []) => Some(format!("a field of type {} has no options", stored.field.kind.type_key())),
        _ => None,
    };
    if let Some(message) = refused {
        return Err(SchemaError::Invalid(vec![FieldError::new("/options", message)]));
    }
    sound(check_change(stored.field.options(), &options))?;
    let changed = StoredField { field: stored.field.clone().with_options(options), ..stored.clone() };
    store::update_field(tx, &changed).await?;
    store::raise_version(tx).await?;
    Ok(changed)
}

fn sound(faults: Vec<FieldError>) -> Result<(), SchemaError> {
    if faults.is_empty() { Ok(()) } else { Err(SchemaError::Invalid(faults)) }
}
