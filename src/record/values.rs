//! Checked values: the only thing that the write statements accept. Making them is the check.

use std::mem;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::change::Change;
use super::derive::Ground;
use super::error::{Error, Fault, Invalid, UNKNOWN_FIELD, pointer};
use crate::db::DbError;
use crate::expr;
use crate::field::{Cast, FieldKind, Key, Locale};
use crate::schema::{Family, Module, Slot, StoredField};
use crate::work::Work;

/// The data of a record that has passed every check, with what is derived from it.
#[derive(Clone, Debug)]
pub struct Values {
    pub(super) data: Map<String, Value>,
    pub(super) title: String,
    pub(super) search: String,
    pub(super) slots: Vec<Option<Key>>,
}

/// The tenant's place, time and person, for expressions.
pub(super) fn env<'a>(
    work: &Work,
    user: &'a str,
    fields: &'a (dyn Fn(&str) -> expr::Value + Sync),
) -> expr::Env<'a> {
    expr::Env { fields, now: work.clock.now(), timezone: work.workspace.locale.timezone, user: Some(user) }
}

/// A record's title, made of what of its data the module, as the actor sees it, shows.
pub(super) fn title(work: &Work, module: &Module, data: &Map<String, Value>) -> String {
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    module.title(data, &env(work, &user, &nothing))
}

/// Brings raw values into their stored form, field by field, and collects every fault. `null` stays null.
pub(super) fn normalise(
    module: &Module,
    raw: Map<String, Value>,
    locale: &Locale,
    faults: &mut Vec<Fault>,
) -> Map<String, Value> {
    let mut data = Map::new();
    for (key, value) in raw {
        let Some(stored) = module.field(&key) else {
            faults.push(unknown_field(module, &key));
            continue;
        };
        if module.is_locked(&key) {
            faults.push(Fault::new(pointer(&key), "denied", "Your role may not change this value."));
            continue;
        }
        if stored.field.is_read_only() {
            faults.push(Fault::new(pointer(&key), "read_only", "This value is not set by hand."));
            continue;
        }
        match blank(plain(stored, value)) {
            None => {
                data.insert(key, Value::Null);
            }
            Some(value) => match stored.field.kind.normalise(value, locale) {
                Ok(value) => {
                    data.insert(key, value);
                }
                Err(reject) => faults.push(Fault::of_field(&key, reject)),
            },
        }
    }
    data
}

/// A value without what only the answers add: relations and members come back as `{"id", "title"}` and
/// `{"id", "name"}`, and may be sent that way.
pub(super) fn plain(stored: &StoredField, value: Value) -> Value {
    match (&stored.field.kind, value) {
        (FieldKind::Relation(_), value) => bare(value, &["title", "module"]),
        (FieldKind::Relations(_), Value::Array(items)) => {
            items.into_iter().map(|item| bare(item, &["title", "module"])).collect()
        }
        (FieldKind::Member(_), value) => bare(value, &["name"]),
        (FieldKind::Members(_), Value::Array(faces)) => {
            faces.into_iter().map(|face| bare(face, &["name"])).collect()
        }
        (_, value) => value,
    }
}

/// The id of an object that holds nothing else but some words about it.
fn bare(value: Value, words: &[&str]) -> Value {
    match value {
        Value::Object(mut face)
            if face.contains_key("id")
                && face.keys().all(|key| key == "id" || words.contains(&key.as_str())) =>
        {
            face.remove("id").unwrap_or_default()
        }
        value => value,
    }
}

/// Empty texts and lists are no value.
fn blank(value: Value) -> Option<Value> {
    match &value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        _ => Some(value),
    }
}

fn unknown_field(module: &Module, key: &str) -> Fault {
    let names = module.fields.iter().map(|stored| stored.field.key.as_str());
    let close = names
        .map(|name| (strsim::jaro_winkler(name, key), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = close.map(|(_, name)| format!(" Did you mean {name}?")).unwrap_or_default();
    Fault::new(pointer(key), UNKNOWN_FIELD, format!("There is no such field.{hint}"))
}

/// Fills in the defaults of fields that were not given.
pub(super) fn fill_defaults(
    work: &Work,
    module: &Module,
    data: &mut Map<String, Value>,
) -> Result<(), Error> {
    for stored in &module.fields {
        let Some(default) = &stored.field.default else { continue };
        if data.contains_key(&stored.field.key) {
            continue;
        }
        let value = match default.get("expr").and_then(Value::as_str) {
            Some(source) => computed_default(work, stored, source)?,
            None => Some(default.clone()),
        };
        let value = value.and_then(|value| stored.field.kind.normalise(value, &work.workspace.locale).ok());
        if let Some(value) = value {
            data.insert(stored.field.key.clone(), value);
        }
    }
    Ok(())
}

/// A default such as `today()`; it reads no fields.
fn computed_default(work: &Work, stored: &StoredField, source: &str) -> Result<Option<Value>, Error> {
    let checked = expr::parse(source).and_then(|expr| expr::check(&expr, &expr::NoFields));
    let Ok(checked) = checked else {
        tracing::warn!(field = stored.field.key, "a default's expression no longer checks");
        return Ok(None);
    };
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let value = expr::evaluate(&checked, &env(work, &user, &nothing))?;
    Ok(match value {
        expr::Value::Null => None,
        expr::Value::Text(text) => Some(Value::String(text)),
        expr::Value::Number(number) => Some(Value::String(number.normalize().to_string())),
        expr::Value::Boolean(flag) => Some(Value::Bool(flag)),
        expr::Value::Date(date) => Some(Value::String(date.to_string())),
        expr::Value::Instant(at) => Some(Value::String(at.to_rfc3339())),
        expr::Value::List(items) => Some(items.into()),
    })
}

impl Values {
    /// The last step of every write: the whole record against the module's compiled JSON Schema, then title, search
    /// text and slots. Takes data and faults out of the change; nulls are dropped.
    pub(super) fn check(work: &Work, module: &Module, change: &mut Change) -> Result<Self, Error> {
        let (mut data, mut faults) = (mem::take(&mut change.data), mem::take(&mut change.faults));
        data.retain(|_, value| !value.is_null());
        schema_faults(module, &data, &change.excused, &mut faults)?;
        Invalid::unless_empty(faults)?;
        Ok(Self::derive(work, module, data))
    }

    /// The stored values of a record after some relations were emptied: what was sound with them is sound without.
    pub(super) fn emptied(work: &Work, module: &Module, change: &mut Change) -> Self {
        let mut data = mem::take(&mut change.data);
        data.retain(|_, value| !value.is_null());
        Self::derive(work, module, data)
    }

    /// Values that were checked when they came in, with what is derived from them now.
    pub(super) fn derive(work: &Work, module: &Module, data: Map<String, Value>) -> Self {
        let user = work.actor.user.to_string();
        let nothing = |_: &str| expr::Value::Null;
        Self::of(module, data, &env(work, &user, &nothing))
    }

    /// A record's checked values with others that follow from them.
    pub(super) fn derived(ground: Ground<'_>, module: &Module, data: Map<String, Value>) -> Self {
        let nothing = |_: &str| expr::Value::Null;
        let timezone = ground.locale.timezone;
        Self::of(module, data, &expr::Env { fields: &nothing, now: ground.now, timezone, user: None })
    }

    fn of(module: &Module, data: Map<String, Value>, env: &expr::Env<'_>) -> Self {
        let title = module.title(&data, env);
        let search = search_text(module, &data, &title);
        let slots = Slot::all().map(|slot| slot_key(module, &data, &title, slot)).collect();
        Self { data, title, search, slots }
    }
}

/// What the compiled JSON Schema finds wrong, besides what the field types already said.
fn schema_faults(
    module: &Module,
    data: &Map<String, Value>,
    excused: &[String],
    faults: &mut Vec<Fault>,
) -> Result<(), DbError> {
    let filled = faults.iter().filter_map(|fault| filled_by(module, fault.field()?)).map(str::to_owned);
    let refused: Vec<String> =
        filled.chain(faults.iter().filter_map(Fault::field).map(str::to_owned)).collect();
    for stored in module.fields.iter().filter(|stored| stored.is_required()) {
        let key = &stored.field.key;
        let asked = !excused.contains(key) && !refused.contains(key);
        if asked && !data.contains_key(key) {
            faults.push(Fault::new(pointer(key), "required", format!("{} is required.", stored.field.label)));
        }
    }
    let whole = Value::Object(data.clone());
    let validator = module.validator().map_err(|error| DbError::Configuration(error.to_string()))?;
    for error in validator.iter_errors(&whole) {
        let at = error.instance_path().to_string();
        if !at.is_empty() {
            faults.push(Fault::new(format!("/data{at}"), "schema", error.to_string()));
        }
    }
    Ok(())
}

/// The field that takes the total of a line items field: it lacks one while the lines are refused.
fn filled_by<'m>(module: &'m Module, key: &str) -> Option<&'m str> {
    match &module.field(key)?.field.kind {
        FieldKind::LineItems(lines) => lines.total.as_deref(),
        _ => None,
    }
}

fn search_text(module: &Module, data: &Map<String, Value>, title: &str) -> String {
    let mut words = vec![expr::fold(title)];
    for stored in module.fields.iter().filter(|stored| stored.field.is_searchable()) {
        let text = data.get(&stored.field.key).and_then(|value| stored.field.kind.search_text(value));
        if let Some(text) =
            text.map(|text| expr::fold(&text)).filter(|text| !words[0].contains(text.as_str()))
        {
            words.push(text);
        }
    }
    words.join("\n").chars().take(8_000).collect()
}

pub(super) fn slot_key(module: &Module, data: &Map<String, Value>, title: &str, slot: Slot) -> Option<Key> {
    if slot == Slot::TITLE {
        return Some(Key::text(&expr::fold(title)));
    }
    let stored = module.fields.iter().find(|stored| stored.written_slot() == Some(slot))?;
    let value = data.get(&stored.field.key)?;
    match slot.family() {
        Family::Unique => Some(unique_key(stored, value)),
        _ => stored.field.kind.key(value),
    }
}

/// What no two records may share: the whole value as a text, folded where texts are. A text that is too long for an
/// index keeps its beginning, by which it is sorted, and the digest of all of it.
pub(super) fn unique_key(stored: &StoredField, value: &Value) -> Key {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = if stored.field.kind.cast() == Cast::Text { expr::fold(&text) } else { text };
    match Key::text(&text) {
        Key::Text(cut) if cut.len() < text.len() => {
            let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
            Key::Text(cut + &digest)
        }
        key => key,
    }
}
