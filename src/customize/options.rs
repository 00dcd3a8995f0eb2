//! What can be chosen: option sets, and the options of single fields. Slots follow in the same transaction.

use serde_json::{Map, json};

use super::Error;
use crate::access::Capability;
use crate::audit::{self, Action, NewEntry};
use crate::field::{ChoiceOption, OptionSet};
use crate::record::convert;
use crate::schema::{self, Module, Origin, StoredField, options};
use crate::work::Work;

/// Adds an option set. Work must have begun with [`crate::work::Intent::ChangeSchema`], here and below.
pub async fn add_option_set(work: &Work, set: &OptionSet) -> Result<(), Error> {
    work.actor.require(Capability::ManageSchema)?;
    options::add_sets(&work.tx, &work.schema, std::slice::from_ref(set), Origin::Tenant).await?;
    journal(work, None, &set.key, json!({"from": null, "to": set})).await
}

/// Changes the label or the options of a set, and with them those of every field that offers it.
pub async fn change_option_set(work: &Work, old: &OptionSet, new: &OptionSet) -> Result<(), Error> {
    work.actor.require(Capability::ManageSchema)?;
    options::change_set(&work.tx, old, new).await?;
    journal(work, None, &new.key, json!({"from": old, "to": new})).await?;
    if keeps_ranks(&old.options, &new.options) {
        return Ok(());
    }
    let schema = schema::uncached(&work.tx).await?;
    for module in schema.modules() {
        for stored in module.fields.iter().filter(|stored| stored.field.option_set() == Some(&new.key)) {
            convert::rerank(work, module, stored).await?;
        }
    }
    Ok(())
}

/// Changes the options of a field that has its own.
pub async fn change_options(
    work: &Work,
    module: &Module,
    stored: &StoredField,
    options: Vec<ChoiceOption>,
) -> Result<StoredField, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let changed = options::change_options(&work.tx, stored, options).await?;
    let change = json!({"from": stored.field.options(), "to": changed.field.options()});
    journal(work, Some(module), &stored.field.key, change).await?;
    if !keeps_ranks(stored.field.options(), changed.field.options()) {
        convert::rerank(work, module, &changed).await?;
    }
    Ok(changed)
}

/// Whether every option that was there stands where it stood.
fn keeps_ranks(old: &[ChoiceOption], new: &[ChoiceOption]) -> bool {
    old.iter().zip(new).all(|(old, new)| old.key == new.key)
}

async fn journal(
    work: &Work,
    module: Option<&Module>,
    key: &str,
    change: serde_json::Value,
) -> Result<(), Error> {
    let entry = NewEntry {
        action: Action::OptionsChanged,
        module: module.map(|module| module.number),
        record: None,
        version: None,
        changes: Map::from_iter([(key.to_owned(), change)]),
    };
    Ok(audit::append(work, &entry).await?)
}
