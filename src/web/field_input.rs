//! What was typed into the fields of a record, as the values that the record room checks.

use serde_json::{Map, Value};

use crate::field::{Field, Reject};
use crate::record::Fault;
use crate::schema::Module;
use crate::view::Typed;

/// Values of the fields that were sent; blank ones are null. All faults that reading alone finds come at once.
pub(super) fn values(module: &Module, typed: &Typed) -> Result<Map<String, Value>, Vec<Fault>> {
    let mut values = Map::new();
    let mut faults = Vec::new();
    for stored in module.fields.iter().filter(|stored| !stored.field.is_read_only()) {
        let Some(texts) = typed.get(&stored.field.key) else { continue };
        match value(&stored.field, texts) {
            Ok(value) => {
                values.insert(stored.field.key.clone(), value);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

fn value(field: &Field, texts: &[String]) -> Result<Value, Fault> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if field.kind.is_blank(&texts) {
        return Ok(Value::Null);
    }
    let refused =
        |reject: Reject| Fault::new(format!("/data/{}{}", field.key, reject.at), reject.code, reject.message);
    field.kind.parse(&texts).map_err(refused)
}

/// For a new record: a blank input whose field has a computed default is as if it was not sent, so that the default
/// is filled in; a fixed default was shown, so leaving it blank means it.
pub(super) fn for_new(module: &Module, mut values: Map<String, Value>) -> Map<String, Value> {
    let computed = |key: &str| {
        let default = module.field(key).and_then(|stored| stored.field.default.as_ref());
        default.is_some_and(|default| default.get("expr").is_some())
    };
    values.retain(|key, value| !(value.is_null() && computed(key)));
    values
}
