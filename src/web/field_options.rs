//! The options of a choice: named anew, coloured, moved, retired, and more of them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::add_field;
use super::input::{Pairs, text, texts};
use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::access::Capability;
use crate::customize;
use crate::field::{ChoiceOption, FieldError, Hue};
use crate::http::{Caller, Path, Problem};
use crate::schema::{Module, SchemaError, StoredField};
use crate::view::ModuleFace;
use crate::work::Intent;

/// `/m/{module}/fields/{field}/options`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct OptionsPath {
    module: String,
    field: String,
}

/// `GET /m/{module}/fields/{field}/options`
pub(super) async fn form(caller: Caller, path: Path<OptionsPath>) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.require(Capability::ManageSchema)?;
    let stored = own_options(&module, &path.0.field)?;
    page(&place, &module, stored, stored.field.options(), "", "")
}

/// `POST /m/{module}/fields/{field}/options`
pub(super) async fn save(caller: Caller, path: Path<OptionsPath>, pairs: Pairs) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::ChangeSchema).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.require(Capability::ManageSchema)?;
    let stored = own_options(&module, &path.0.field)?;
    let (options, more) = (typed(&pairs.0), text(&pairs.0, "more"));
    let mut whole = options.clone();
    whole.extend(add_field::more_options(more, &options));
    match customize::change_options(&place.work, &module, stored, whole).await {
        Ok(_) => {
            let target = format!("{}#{}", place.links.settings_modules(), module.key());
            place.work.commit().await?;
            Ok(Redirect::to(&target).into_response())
        }
        Err(customize::Error::Schema(SchemaError::Invalid(faults))) => {
            let page = page(&place, &module, stored, &options, more, &message(&faults))?;
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

/// The field of a key, if it has options of its own.
fn own_options<'m>(module: &'m Module, key: &str) -> Result<&'m StoredField, Problem> {
    let stored = module.field(key).filter(|stored| !stored.field.options().is_empty());
    stored.filter(|stored| stored.field.option_set().is_none()).ok_or_else(Problem::not_found)
}

/// The options in the order of the numbers beside them.
fn typed(pairs: &[(String, String)]) -> Vec<ChoiceOption> {
    let [labels, colors, places] = ["label", "color", "place"].map(|name| texts(pairs, name));
    let offered = texts(pairs, "offered");
    let mut options: Vec<(u32, ChoiceOption)> = Vec::new();
    for (at, key) in texts(pairs, "key").into_iter().enumerate() {
        let text = |list: &[String]| list.get(at).map(|text| text.trim().to_owned()).unwrap_or_default();
        let color: Hue = serde_json::from_value(Value::from(text(&colors))).unwrap_or_default();
        let active = offered.contains(&key);
        let place = text(&places).parse().unwrap_or(u32::MAX);
        options.push((place, ChoiceOption { key, label: text(&labels), color, active }));
    }
    options.sort_by_key(|(place, _)| *place);
    options.into_iter().map(|(_, option)| option).collect()
}

fn message(faults: &[FieldError]) -> String {
    let sentence = |fault: &FieldError| match fault.pointer.ends_with("/label") {
        true => "Give every option a name of 1 to 100 characters.".to_owned(),
        false => format!("{}.", fault.message.trim_end_matches('.')),
    };
    let mut sentences: Vec<String> = faults.iter().map(sentence).collect();
    sentences.dedup();
    sentences.join(" ")
}

fn page(
    place: &Place,
    module: &Module,
    stored: &StoredField,
    options: &[ChoiceOption],
    more: &str,
    message: &str,
) -> Result<Page, Problem> {
    let row = |(at, option): (usize, &ChoiceOption)| {
        let hues = Hue::ALL.map(|hue| json!({"key": hue, "selected": hue == option.color}));
        json!({"place": at, "key": option.key, "label": option.label, "active": option.active, "hues": hues})
    };
    let title = format!("Options of {}", stored.field.label);
    let context = json!({
        "module": ModuleFace::new(module, &place.links),
        "title": title,
        "action": place.links.field_options(module.key(), &stored.field.key),
        "back": format!("{}#{}", place.links.settings_modules(), module.key()),
        "options": (1..).zip(options).map(row).collect::<Vec<_>>(),
        "more": more,
        "message": message,
    });
    Page::new("field_options", title, place.frame(Standing::Inside(module)), context)
}
