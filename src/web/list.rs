//! A module's list, and what its pickers find.

use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::add_field;
use super::input::{Parameters, text, texts};
use super::page::Page;
use super::place::{ModulePath, Place};
use super::shell::Standing;
use crate::access::Read;
use crate::http::{Caller, Json, Path, Problem};
use crate::record;
use crate::schema::Module;
use crate::view::{self, ConditionRow, ListAddress, ListModel, ListRequest};
use crate::work::Intent;

/// Choices that a picker shows.
const CHOICES: usize = 20;

/// `GET /m/{module}`
pub(super) async fn list(
    caller: Caller,
    path: Path<ModulePath>,
    query: Parameters,
) -> Result<Response, Problem> {
    let query = query.0;
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let address = address(&place, &module, &query);
    let mut request = ListRequest { cursor: text(&query, "cursor").to_owned(), ..ListRequest::default() };
    if query.iter().any(|(name, _)| name == "ff") {
        let rows = rows(&query);
        match view::compose(place.view(), &module, rows, texts(&query, "fx")).await? {
            Ok(filter) if text(&query, "add").is_empty() => {
                return Ok(Redirect::to(&address.filtered(filter).href()).into_response());
            }
            Ok(filter) => {
                request.one_more = true;
                request.address = address.filtered(filter);
            }
            Err(refused) => {
                request.one_more = !text(&query, "add").is_empty();
                request.refused = Some(refused);
                request.address = address.filtered(texts(&query, "fx").join(" and "));
            }
        }
    } else {
        request.address = address;
    }
    let model = view::list(place.view(), &module, request, caller.keys()).await?;
    Ok(page(&place, &module, &model)?.into_response())
}

fn page(place: &Place, module: &Module, model: &ListModel) -> Result<Page, Problem> {
    let title = module.definition.label.many.clone();
    let add_field = add_field::Form::blank(place, module);
    let refused = !model.filter.expression_error.is_empty();
    let context = json!({"list": model, "add_field": add_field, "refused": refused});
    let page = Page::new("list", title, place.frame(Standing::Module(module)), context)?;
    Ok(page.saying(format!("{} {}", model.count, model.module.many_lower)))
}

fn address(place: &Place, module: &Module, query: &[(String, String)]) -> ListAddress {
    ListAddress {
        path: place.links.module(module.key()),
        view: text(query, "view").to_owned(),
        filter: text(query, "filter").trim().to_owned(),
        q: text(query, "q").trim().to_owned(),
        sort: text(query, "sort").to_owned(),
    }
}

/// Rows of the builder: three lists of equal length.
fn rows(query: &[(String, String)]) -> Vec<ConditionRow> {
    let (fields, operators, values) = (texts(query, "ff"), texts(query, "fo"), texts(query, "fv"));
    let row = |((field, operator), value)| ConditionRow { field, operator, value };
    fields.into_iter().zip(operators).zip(values).map(row).take(20).collect()
}

/// `GET /m/{module}/choices?q=`: records for a relation's picker.
pub(super) async fn choices(
    caller: Caller,
    path: Path<ModulePath>,
    query: Parameters,
) -> Result<Json<Value>, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let relation = text(&query.0, "for").split_once('.').and_then(|(pointing, field)| {
        place.work.actor.permit::<Read>(pointing).ok()?;
        let pointing = place.work.schema.module(pointing)?;
        pointing.field(field).filter(|stored| stored.target() == Some(module.key()))
    });
    let mut found =
        record::choices_for(&place.work, &module, relation, text(&query.0, "q"), CHOICES + 1).await?;
    let more = found.len() > CHOICES;
    found.truncate(CHOICES);
    let options: Vec<Value> =
        found.iter().map(|choice| json!({"value": choice.id, "label": choice.title})).collect();
    Ok(Json(json!({"options": options, "more": more})))
}

/// `GET /members?q=`: people for a member's picker.
pub(super) async fn members(caller: Caller, query: Parameters) -> Result<Json<Value>, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let found = view::members(&place.work, text(&query.0, "q").trim()).await?;
    let option = |member: &crate::tenancy::Member| json!({"value": member.user, "label": member.name, "hint": member.email});
    let options: Vec<Value> = found.iter().take(CHOICES).map(option).collect();
    Ok(Json(json!({"options": options, "more": found.len() > CHOICES})))
}
