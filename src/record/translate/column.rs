//! Where the values of a record are: its columns, its slots, its `data`, each as SQL compares it.

use tokio_postgres::types::Type;

use crate::field::Cast;
use crate::record::sql::Binder;
use crate::schema::{Module, SystemField};

/// Column (of the record, whatever it is called), type and whether it may be null.
pub(in crate::record) fn system_column(field: SystemField) -> (&'static str, &'static str, bool) {
    match field {
        SystemField::Title => ("t1", "text", true),
        SystemField::Owner => ("owner_id", "uuid", true),
        SystemField::Pipeline | SystemField::Stage => ("stage", "integer", false),
        SystemField::StageEnteredAt => ("stage_entered_at", "timestamptz", true),
        SystemField::CreatedAt => ("created_at", "timestamptz", false),
        SystemField::UpdatedAt => ("updated_at", "timestamptz", false),
        SystemField::CreatedBy => ("created_by", "uuid", true),
        SystemField::UpdatedBy => ("updated_by", "uuid", true),
        SystemField::Version => ("version", "integer", false),
    }
}

pub(in crate::record) fn slot_type(cast: Cast) -> &'static str {
    match cast {
        Cast::Number | Cast::Amount | Cast::Boolean => "float8",
        Cast::Date | Cast::Instant => "timestamptz",
        Cast::Text | Cast::Exact | Cast::Option | Cast::Place | Cast::List | Cast::Whole => "text",
    }
}

pub(in crate::record) fn data_type(cast: Cast) -> &'static str {
    match cast {
        Cast::Number | Cast::Amount => "numeric",
        Cast::Boolean => "boolean",
        Cast::Date => "date",
        Cast::Instant => "timestamptz",
        Cast::Text | Cast::Exact | Cast::Option | Cast::Place | Cast::List | Cast::Whole => "text",
    }
}

/// A field's comparable value, read from the `data` of the record called `r`. Its key is bound.
pub(in crate::record) fn from_data(r: &str, key: &str, cast: Cast, binder: &mut Binder) -> String {
    let key = binder.text(key);
    match cast {
        Cast::Text => format!("(app_fold({r}.data ->> {key}) collate \"C\")"),
        Cast::Exact | Cast::Option => format!("(({r}.data ->> {key}) collate \"C\")"),
        Cast::Number => format!("({r}.data ->> {key})::numeric"),
        Cast::Amount => format!("({r}.data -> {key} ->> 'amount')::numeric"),
        Cast::Boolean => format!("({r}.data ->> {key})::boolean"),
        Cast::Date => format!("({r}.data ->> {key})::date"),
        Cast::Instant => format!("({r}.data ->> {key})::timestamptz"),
        Cast::List | Cast::Whole => format!("({r}.data -> {key})"),
        Cast::Place => format!("(app_fold({}) collate \"C\")", place(r, &key)),
    }
}

/// Where a chosen option stands among the options of its field.
pub(in crate::record) fn ranked(r: &str, module: &Module, key: &str, binder: &mut Binder) -> String {
    let options = module.field(key).map(|stored| stored.field.options()).unwrap_or_default();
    let keys: Vec<String> = options.iter().map(|option| option.key.clone()).collect();
    let keys = binder.bind(keys, Type::TEXT_ARRAY);
    format!("array_position({keys}::text[], {r}.data ->> {})", binder.text(key))
}

/// The place of an address as it is written, read from `data`: its first part that is there.
fn place(r: &str, key: &str) -> String {
    format!(
        "coalesce({r}.data -> {key} ->> 'city', {r}.data -> {key} ->> 'region', {r}.data -> {key} ->> 'line1', \
         {r}.data -> {key} ->> 'line2', {r}.data -> {key} ->> 'postcode', {r}.data -> {key} ->> 'country')"
    )
}

/// A field's value as it is, read from `data`: texts not folded.
pub(in crate::record) fn as_written(r: &str, key: &str, cast: Cast, binder: &mut Binder) -> String {
    match cast {
        Cast::Text => from_data(r, key, Cast::Exact, binder),
        Cast::Place => format!("({} collate \"C\")", place(r, &binder.text(key))),
        cast => from_data(r, key, cast, binder),
    }
}

/// A field's stored JSON, null where it has no value.
pub(in crate::record) fn held(r: &str, key: &str, binder: &mut Binder) -> String {
    format!("({r}.data -> {})", binder.text(key))
}
