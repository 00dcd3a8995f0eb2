//! Changes that a tenant makes to its own schema: permission, definition, store, audit, in this order. No DDL: a
//! custom field is a write to metadata.

pub mod conversion;
mod options;
pub mod pipeline;

pub use options::{add_option_set, change_option_set, change_options};

use serde_json::{Map, Value, json};

use crate::access::{Capability, Forbidden};
use crate::audit::{self, Action, NewEntry};
use crate::db::DbError;
use crate::expr;
use crate::field::{Field, FieldError, FieldKind, Link};
use crate::job::{self, Job, Kind, NewJob};
use crate::record;
use crate::schema::definition::ModuleDefinition;
use crate::schema::{self, Module, Origin, Paths, SchemaError, StoredField, SystemField, change};
use crate::work::Work;

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The actor may not change the schema.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The definition is refused, or the change could not be stored.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// There is no such pipeline or stage.
    #[error("there is no such thing")]
    NotFound,
    /// Records are in what goes away, and nobody said where they go.
    #[error("records are in it")]
    InUse {
        /// How many, up to one more than `cap`.
        records: i64,
        /// Where counting stops.
        cap: i64,
    },
    /// The records could not follow.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// A job is at the same field already.
    #[error("a job is at work on this field; wait until it has ended")]
    UnderWay,
    /// The audit entry could not be written.
    #[error("the change could not be recorded")]
    Database(#[from] DbError),
}

/// Adds a field of the tenant's own to a module. Work must have begun with [`crate::work::Intent::ChangeSchema`].
pub async fn add_field(work: &Work, module: &Module, field: Field) -> Result<StoredField, Error> {
    work.actor.require(Capability::ManageSchema)?;
    let module = module.whole();
    refuse_meaningless(work, &field)?;
    let field = work.schema.resolved(field)?;
    let stored = change::add_field(&work.tx, &work.schema, module, field, Origin::Tenant).await?;
    let mut changes = Map::new();
    changes.insert(stored.field.key.clone(), json!({"from": null, "to": stored.field}));
    let entry = NewEntry {
        action: Action::FieldAdded,
        module: Some(module.number),
        record: None,
        version: None,
        changes,
    };
    audit::append(work, &entry).await?;
    if stored.field.rules.is_derived() {
        let schema = schema::uncached(&work.tx).await?;
        if let Some(module) = schema.module(module.key()) {
            record::recompute_module(work, &schema, module).await?;
        }
    }
    Ok(stored)
}

/// Adds a field where people see it at once: at the end of the module's default list too.
pub async fn add_listed_field(work: &Work, module: &Module, field: Field) -> Result<StoredField, Error> {
    let stored = add_field(work, module, field).await?;
    change::show_in_default_list(&work.tx, module.whole(), &stored.field.key).await?;
    Ok(stored)
}

/// Adds a module of the tenant's own with its fields. Work must have begun with
/// [`crate::work::Intent::ChangeSchema`].
pub async fn add_module(work: &Work, definition: ModuleDefinition) -> Result<(), Error> {
    work.actor.require(Capability::ManageSchema)?;
    for field in &definition.fields {
        refuse_meaningless(work, field)?;
    }
    let added = json!({"from": null, "to": definition});
    change::add_modules(&work.tx, &work.schema, std::slice::from_ref(&definition), &[], Origin::Tenant)
        .await?;
    let entry = NewEntry {
        action: Action::ModuleAdded,
        module: None,
        record: None,
        version: None,
        changes: Map::from_iter([(definition.key, added)]),
    };
    Ok(audit::append(work, &entry).await?)
}

/// Makes a field quick to filter and sort by, in a job that goes over the module's records while others work; None when
/// it is already. Work must have begun with [`crate::work::Intent::ChangeSchema`].
pub async fn index_field(work: &Work, module: &Module, stored: &StoredField) -> Result<Option<Job>, Error> {
    work.actor.require(Capability::ManageSchema)?;
    if stored.slot.is_some() {
        return Ok(None);
    }
    change::begin_slot(&work.tx, module, stored).await?;
    reslot(work, module, stored, true).await.map(Some)
}

/// Takes that from a field again, so that another one may have it; None when it has none. Work must have begun with
/// [`crate::work::Intent::ChangeSchema`].
pub async fn unindex_field(work: &Work, module: &Module, stored: &StoredField) -> Result<Option<Job>, Error> {
    work.actor.require(Capability::ManageSchema)?;
    if stored.has_unique_slot() {
        let message = "A unique field keeps its place: by it no two records get the same value.";
        return Err(SchemaError::Invalid(vec![FieldError::new("/unique", message)]).into());
    }
    change::begin_clearing(&work.tx, stored).await?;
    reslot(work, module, stored, false).await.map(Some)
}

/// Queues the job that goes over the records.
async fn reslot(work: &Work, module: &Module, stored: &StoredField, indexed: bool) -> Result<Job, Error> {
    let key = &stored.field.key;
    let new = NewJob {
        kind: Kind::Slot,
        payload: json!({"module": module.key(), "field": key}),
        total: None,
        dedupe_key: Some(stored.id.to_string()),
    };
    let job = job::enqueue(work, &new).await?.ok_or(Error::UnderWay)?;
    let entry = NewEntry {
        action: Action::Indexed,
        module: Some(module.number),
        record: None,
        version: None,
        changes: Map::from_iter([(key.clone(), json!({"from": !indexed, "to": indexed}))]),
    };
    audit::append(work, &entry).await?;
    Ok(job)
}

/// What a definition alone cannot know: names that the engine has taken, modules that do not exist.
fn refuse_meaningless(work: &Work, field: &Field) -> Result<(), SchemaError> {
    let mut errors = Vec::new();
    if SystemField::is_reserved(&field.key) {
        errors.push(FieldError::new(
            "/key",
            format!("{} is a field that every record has already.", field.key),
        ));
    }
    if let Some(link) = field.kind.link() {
        errors.extend(link.targets.iter().flat_map(|target| target_faults(work, &link, target)));
    }
    if let FieldKind::LineItems(lines) = &field.kind
        && work.schema.module(&lines.module).is_none_or(|module| module.definition.product.is_none())
    {
        errors.push(FieldError::new("/module", format!("There is no module of products {}.", lines.module)));
    }
    errors.extend(field.default.as_ref().and_then(|default| default.get("expr")).and_then(computed_default));
    if errors.is_empty() { Ok(()) } else { Err(SchemaError::Invalid(errors)) }
}

/// What is wrong with one of the modules that a relation points to, and with its condition there.
fn target_faults(work: &Work, link: &Link<'_>, target: &str) -> Vec<FieldError> {
    let Some(module) = work.schema.module(target) else {
        let place = if link.is_mixed() { "/modules" } else { "/module" };
        return vec![FieldError::new(place, format!("There is no module {target}."))];
    };
    let problems = link
        .filter
        .map(|filter| expr::condition(filter, &Paths::new(&work.schema, module)))
        .and_then(Result::err);
    let faults = problems.into_iter().flatten();
    faults.map(|problem| FieldError::new("/filter", problem.to_string())).collect()
}

/// What is wrong with a default that is an expression.
fn computed_default(source: &Value) -> Option<FieldError> {
    let checked = expr::parse(source.as_str()?).and_then(|parsed| expr::check(&parsed, &expr::NoFields));
    let problems: Vec<String> = checked.err()?.iter().map(ToString::to_string).collect();
    Some(FieldError::new("/default/expr", problems.join("; ")))
}
