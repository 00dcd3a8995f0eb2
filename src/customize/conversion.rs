//! A field that gets another type: first told what would become of its values, then done, or not at all.

use serde_json::{Map, Value, json};

use super::Error;
use crate::access::Capability;
use crate::audit::{self, Action, NewEntry};
use crate::field::{Field, FieldError, may_convert};
use crate::record::convert::{self, Failures, Report};
use crate::schema::{self, Module, SchemaError, StoredField, change};
use crate::work::{Channel, Work};

/// The field as it is to be: the type and options of `to`, everything else as it was.
pub fn planned(work: &Work, module: &Module, stored: &StoredField, to: &Value) -> Result<Field, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let definition = merged(&stored.field, to)?;
    let field = Field::from_json(&definition).map_err(|faults| SchemaError::Invalid(below_to(faults)))?;
    let field = work.schema.resolved(field)?;
    let mut faults = change::retype_faults(&work.schema, module, &field);
    if let Err(reason) = may_convert(&stored.field.kind, &field.kind) {
        faults.insert(0, FieldError::new("/to/type", reason));
    }
    if faults.is_empty() { Ok(field) } else { Err(SchemaError::Invalid(faults).into()) }
}

/// What would become of the values; nothing is written.
pub async fn report(
    work: &Work,
    module: &Module,
    stored: &StoredField,
    new: &Field,
) -> Result<Report, Error> {
    Ok(convert::report(work, module, &stored.field, new).await?)
}

/// Gives the field its new type and converts every value. Work must have begun with
/// [`crate::work::Intent::ChangeSchema`]; on an error the caller does not commit.
pub async fn run(
    work: &mut Work,
    module: &Module,
    stored: &StoredField,
    new: Field,
    failures: Failures,
) -> Result<(StoredField, Report), Error> {
    let changed = change::retype(&work.tx, &work.schema, module, stored, new).await?;
    let schema = schema::uncached(&work.tx).await?;
    let Some(after) = schema.module(module.key()) else { return Err(gone(module).into()) };
    let entry = NewEntry {
        action: Action::FieldConverted,
        module: Some(module.number),
        record: None,
        version: None,
        changes: Map::from_iter([(
            stored.field.key.clone(),
            json!({"from": stored.field.to_stored(), "to": changed.field.to_stored()}),
        )]),
    };
    audit::append(work, &entry).await?;
    let channel = std::mem::replace(&mut work.channel, Channel::System);
    let report = convert::run(work, (module, after), &stored.field, &changed.field, failures).await;
    work.channel = channel;
    Ok((changed, report?))
}

fn gone(module: &Module) -> SchemaError {
    SchemaError::Corrupt { module: module.key().to_owned(), reason: "it is not there any more".into() }
}

/// The old definition with the new type and its options. What the old one says and the new type cannot do is left
/// out: a default that does not fit, a wish to be sorted or searched.
fn merged(old: &Field, to: &Value) -> Result<Value, SchemaError> {
    let invalid =
        |pointer: &str, message: &str| SchemaError::Invalid(vec![FieldError::new(pointer, message)]);
    let given =
        to.as_object().ok_or_else(|| invalid("/to", "give the new type and its options as an object"))?;
    let own = |key: &&String| {
        Field::COMMON_KEYS.contains(&key.as_str()) && !["type", "default"].contains(&key.as_str())
    };
    if let Some(key) = given.keys().find(own) {
        return Err(invalid(&format!("/to/{key}"), "only the type, its options and the default change here"));
    }
    let written = serde_json::to_value(old.to_stored()).unwrap_or_default();
    let kept = |key: &String| Field::COMMON_KEYS.contains(&key.as_str()) && key != "type";
    let mut merged: Map<String, Value> =
        written.as_object().cloned().unwrap_or_default().into_iter().filter(|(key, _)| kept(key)).collect();
    merged.extend(given.clone());
    for key in ["default", "searchable", "sortable"].into_iter().filter(|key| !given.contains_key(*key)) {
        let at = format!("/{key}");
        let faults = Field::from_json(&Value::Object(merged.clone())).err().unwrap_or_default();
        if faults.iter().any(|fault| fault.pointer.starts_with(&at)) {
            merged.remove(key);
        }
    }
    Ok(Value::Object(merged))
}

fn below_to(faults: Vec<FieldError>) -> Vec<FieldError> {
    faults.into_iter().map(|fault| FieldError::new(format!("/to{}", fault.pointer), fault.message)).collect()
}
