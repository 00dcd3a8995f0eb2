//! Adding a field to a module: the "+" of a list, and the page behind it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::input::{Pairs, text};
use super::page::Page;
use super::place::{ModulePath, Place};
use super::shell::Standing;
use crate::access::Capability;
use crate::customize;
use crate::field::{ChoiceOption, FIELD_TYPES, Field, FieldError, Hue};
use crate::http::{Caller, Path, Problem};
use crate::schema::{Module, SchemaError, SystemField};
use crate::view::{Links, ModuleFace};
use crate::work::Intent;

/// The form for a new field.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    module: ModuleFace,
    action: String,
    label: String,
    type_key: String,
    options: String,
    target: String,
    required: bool,
    types: Vec<Value>,
    targets: Vec<Value>,
    /// Message at the name, at the type, at the options.
    errors: Errors,
    message: String,
    /// Where to go afterwards: `settings`, or the list.
    back: String,
}

#[derive(Debug, Default, Serialize)]
struct Errors {
    label: String,
    options: String,
    target: String,
}

/// `GET /m/{module}/fields`
pub(super) async fn form(caller: Caller, path: Path<ModulePath>) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.require(Capability::ManageSchema)?;
    Form::blank(&place, &module).page(&place, &module)
}

/// `POST /m/{module}/fields`
pub(super) async fn add(caller: Caller, path: Path<ModulePath>, pairs: Pairs) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::ChangeSchema).await?;
    let module = place.module(&path.0.module)?;
    let form = Form::typed(&place, &module, &pairs.0);
    let added = match Field::from_json(&form.definition(&module)) {
        Ok(field) => customize::add_listed_field(&place.work, &module, field).await,
        Err(faults) => {
            place.work.actor.require(Capability::ManageSchema)?;
            Err(SchemaError::Invalid(faults).into())
        }
    };
    match added {
        Ok(_) => {
            let target = form.back_href(&place.links, &module);
            place.work.commit().await?;
            Ok(Redirect::to(&target).into_response())
        }
        Err(customize::Error::Schema(SchemaError::Invalid(faults))) => form.again(&place, &module, &faults),
        Err(customize::Error::Schema(SchemaError::Limit(message))) => {
            form.again(&place, &module, &[FieldError::new("", message)])
        }
        Err(error) => Err(error.into()),
    }
}

impl Form {
    /// The empty form.
    pub(super) fn blank(place: &Place, module: &Module) -> Self {
        Self::typed(place, module, &[])
    }

    fn typed(place: &Place, module: &Module, pairs: &[(String, String)]) -> Self {
        let type_key = Some(text(pairs, "type")).filter(|key| !key.is_empty()).unwrap_or("text");
        let target = text(pairs, "target");
        let types = FIELD_TYPES.iter().filter(|info| !["auto_number", "line_items"].contains(&info.key)).map(
            |info| json!({"key": info.key, "label": type_label(info.key), "selected": info.key == type_key}),
        );
        let targets = place.work.schema.modules().map(|other| {
            json!({
                "key": other.key(),
                "label": other.definition.label.many,
                "selected": other.key() == target,
            })
        });
        Self {
            module: ModuleFace::new(module, &place.links),
            action: place.links.fields(module.key()),
            label: text(pairs, "label").trim().to_owned(),
            type_key: type_key.to_owned(),
            options: text(pairs, "options").to_owned(),
            target: target.to_owned(),
            required: text(pairs, "required") == "true",
            types: types.collect(),
            targets: targets.collect(),
            errors: Errors::default(),
            message: String::new(),
            back: text(pairs, "back").to_owned(),
        }
    }

    /// The field as a definition; its key is made from the label.
    fn definition(&self, module: &Module) -> Value {
        let mut definition = Map::new();
        definition.insert("key".into(), free_key(module, &self.label).into());
        definition.insert("label".into(), self.label.clone().into());
        definition.insert("type".into(), self.type_key.clone().into());
        if self.required {
            definition.insert("required".into(), true.into());
        }
        match self.type_key.as_str() {
            "choice" | "multi_choice" => {
                definition.insert("options".into(), options(&self.options).into());
            }
            "relation" => {
                definition.insert("module".into(), self.target.clone().into());
            }
            _ => {}
        }
        definition.into()
    }

    fn back_href(&self, links: &Links, module: &Module) -> String {
        match self.back.as_str() {
            "settings" => format!("{}#{}", links.settings_modules(), module.key()),
            _ => links.module(module.key()),
        }
    }

    fn again(mut self, place: &Place, module: &Module, faults: &[FieldError]) -> Result<Response, Problem> {
        for fault in faults {
            let sentence = format!("{}.", fault.message.trim_end_matches('.'));
            match fault.pointer.split('/').nth(1).unwrap_or_default() {
                "label" | "key" => self.errors.label = "Give the field a name of 1 to 100 characters.".into(),
                "options" => {
                    self.errors.options = "Write at least one option, each on a line of its own.".into()
                }
                "module" => self.errors.target = "Choose the module that it points to.".into(),
                _ => self.message = sentence,
            }
        }
        Ok(self.page(place, module)?.with_status(StatusCode::UNPROCESSABLE_ENTITY))
    }

    fn page(&self, place: &Place, module: &Module) -> Result<Page, Problem> {
        let title = format!("New field for {}", self.module.many_lower);
        Page::new("add_field", title, place.frame(Standing::Inside(module)), self)
    }
}

/// What people read for a type: `long_text` is "Long text".
pub(super) fn type_label(key: &str) -> String {
    let words = match key {
        "url" => "web address".to_owned(),
        "email" => "e-mail".to_owned(),
        "boolean" => "yes or no".to_owned(),
        "date_time" => "date and time".to_owned(),
        "multi_choice" => "several choices".to_owned(),
        "relation" => "link to a record".to_owned(),
        "integer" => "whole number".to_owned(),
        "decimal" => "decimal number".to_owned(),
        "auto_number" => "running number".to_owned(),
        "time" => "time of day".to_owned(),
        "color" => "colour".to_owned(),
        "members" => "several members".to_owned(),
        "location" => "point on the map".to_owned(),
        "json" => "JSON".to_owned(),
        key => key.replace('_', " "),
    };
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Options of a choice: one per line, each with the next hue.
fn options(lines: &str) -> Vec<Value> {
    let mut options: Vec<Value> = Vec::new();
    let hues = Hue::ALL.iter().skip(1).cycle();
    for (label, hue) in lines.lines().map(str::trim).filter(|label| !label.is_empty()).zip(hues) {
        let taken = |key: &str| options.iter().any(|option| option["key"] == key);
        let key = numbered(&key_of(label, "option"), taken);
        options.push(json!({"key": key, "label": label, "color": hue}));
    }
    options
}

/// Further options beside those that are there: one per line, each with a key of its own.
pub(super) fn more_options(lines: &str, present: &[ChoiceOption]) -> Vec<ChoiceOption> {
    let mut more: Vec<ChoiceOption> = Vec::new();
    let hues = Hue::ALL.into_iter().cycle().skip(present.len() + 1);
    for (label, color) in lines.lines().map(str::trim).filter(|label| !label.is_empty()).zip(hues) {
        let taken = |key: &str| present.iter().chain(&more).any(|option| option.key == key);
        let key = numbered(&key_of(label, "option"), taken);
        more.push(ChoiceOption { key, label: label.to_owned(), color, active: true });
    }
    more
}

/// A key for a label that no field of the module has.
fn free_key(module: &Module, label: &str) -> String {
    let taken = |key: &str| {
        module.field(key).is_some()
            || module.retired.iter().any(|retired| retired == key)
            || SystemField::is_reserved(key)
    };
    numbered(&key_of(label, "field"), taken)
}

/// A key for a label: "Blood group (ABO)" gives `blood_group_abo`.
fn key_of(label: &str, otherwise: &str) -> String {
    let mut key = String::new();
    for c in crate::expr::fold(label).chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            'ß' => key.push_str("ss"),
            _ if key.is_empty() || key.ends_with('_') => {}
            _ => key.push('_'),
        }
    }
    let key: String = key.trim_end_matches('_').chars().take(40).collect();
    match key.chars().next() {
        None => otherwise.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{otherwise}_{key}"),
        Some(_) => key,
    }
}

/// The key, or the first of `key_2`, `key_3`… that is free.
fn numbered(key: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(key) {
        return key.to_owned();
    }
    let mut candidates = (2_u32..).map(|number| format!("{key}_{number}"));
    candidates.find(|candidate| !taken(candidate)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_from_labels_whatever_they_are() {
        for (label, key) in [
            ("Blood group (ABO)", "blood_group_abo"),
            ("Größe", "grosse"),
            ("2nd contact", "field_2nd_contact"),
            ("电话", "field"),
            ("  ", "field"),
        ] {
            assert_eq!(key_of(label, "field"), key, "{label}");
        }
        assert_eq!(numbered("age", |key| key == "age" || key == "age_2"), "age_3");
    }

    #[test]
    fn each_line_is_an_option_once() {
        let options = options("Gold\n\n Silver \nGold");
        let keys: Vec<_> = options.iter().map(|option| option["key"].as_str().unwrap_or_default()).collect();
        assert_eq!(keys, ["gold", "silver", "gold_2"]);
    }
}
