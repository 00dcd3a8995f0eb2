//! Forms of a record: making one, changing one, and settling what two people changed at once.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::field_input;
use super::input::{Pairs, Parameters, text, texts, typed};
use super::page::Page;
use super::place::{ModulePath, Place, RecordPath};
use super::shell::Standing;
use crate::access::{Create, Update};
use crate::http::{Caller, Path, Problem};
use crate::record::{self, Fault, Input, Patch, Record};
use crate::schema::Module;
use crate::view::{self, FormPurpose, FormState, Typed};
use crate::work::Intent;

/// `GET /m/{module}/new`: what the address names is filled in.
pub(super) async fn blank(
    caller: Caller,
    path: Path<ModulePath>,
    query: Parameters,
) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.permit::<Create>(module.key())?;
    let state = FormState { typed: typed(query.0), ..FormState::default() };
    page(&place, &module, FormPurpose::Create, state).await
}

/// `POST /m/{module}/new`
pub(super) async fn create(
    caller: Caller,
    path: Path<ModulePath>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let again = text(&pairs.0, "_then") == "new";
    let typed = typed(pairs.0);
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    match insert(&place, &module, &typed).await {
        Ok(record) => {
            place.work.commit().await?;
            let target = match again {
                true => place.links.new_record(module.key()),
                false => place.links.record(module.key(), record.id),
            };
            Ok(Redirect::to(&target).into_response())
        }
        Err(record::Error::Invalid(invalid)) => {
            drop(place);
            let place = Place::open(&caller, Intent::Read).await?;
            let state = FormState { typed, faults: invalid.errors, conflict: None };
            let page = page(&place, &module, FormPurpose::Create, state).await?;
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

async fn insert(place: &Place, module: &Module, typed: &Typed) -> Result<Record, record::Error> {
    let data = field_input::values(module, typed).map_err(invalid)?;
    let owner = view::typed_owner(typed)?.flatten();
    let (pipeline, stage, reason) = placement(typed);
    let allow_duplicates = typed.get("_allow_duplicate").is_some();
    let data = field_input::for_new(module, data);
    let input = Input { data, owner, pipeline, stage, reason, allow_duplicates };
    record::create(&place.work, module, input).await
}

/// `GET /m/{module}/r/{id}/edit`
pub(super) async fn edit(caller: Caller, path: Path<RecordPath>) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.permit::<Update>(module.key())?;
    let record = record::get(&place.work, &module, path.0.id()).await?;
    page(&place, &module, FormPurpose::Edit(&record), FormState::default()).await
}

/// `POST /m/{module}/r/{id}/edit`
pub(super) async fn save(caller: Caller, path: Path<RecordPath>, pairs: Pairs) -> Result<Response, Problem> {
    let version = text(&pairs.0, "_version").parse::<i32>().unwrap_or_default();
    let conflicting = texts(&pairs.0, "_conflict");
    let takes_theirs = text(&pairs.0, "_take") == "theirs";
    let again = text(&pairs.0, "_then") == "new";
    let mut typed = typed(pairs.0);
    if takes_theirs {
        typed.retain(|key, _| !conflicting.contains(key));
    }
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    let saved = match change(&place, &module, &path.0, version, &typed).await {
        Err(record::Error::Stale { .. }) => merge(&place, &module, &path.0, version, &mut typed).await?,
        saved => saved.map(Ok),
    };
    match saved {
        Ok(Ok(record)) => {
            place.work.commit().await?;
            let target = match again {
                true => place.links.new_record(module.key()),
                false => place.links.record(module.key(), record.id),
            };
            Ok(Redirect::to(&target).into_response())
        }
        Ok(Err(conflict)) => {
            let state = FormState { typed, faults: Vec::new(), conflict: Some(conflict) };
            redraw(&caller, &path.0, state, StatusCode::CONFLICT).await
        }
        Err(record::Error::Invalid(invalid)) => {
            drop(place);
            let state = FormState { typed, faults: invalid.errors, conflict: None };
            redraw(&caller, &path.0, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Saves what merges by itself; else says what must be decided.
async fn merge(
    place: &Place,
    module: &Module,
    path: &RecordPath,
    base: i32,
    typed: &mut Typed,
) -> Result<Result<Result<Record, view::Conflict>, record::Error>, Problem> {
    let current = record::get(&place.work, module, path.id()).await?;
    let conflict = view::conflict(place.view(), module, &current, base, typed).await?;
    if !conflict.rows.is_empty() {
        return Ok(Ok(Err(conflict)));
    }
    Ok(change(place, module, path, current.version, typed).await.map(Ok))
}

async fn change(
    place: &Place,
    module: &Module,
    path: &RecordPath,
    version: i32,
    typed: &Typed,
) -> Result<Record, record::Error> {
    let data = field_input::values(module, typed).map_err(invalid)?;
    let (pipeline, stage, reason) = placement(typed);
    let patch = Patch { data, owner: view::typed_owner(typed)?, pipeline, stage, reason };
    record::update(&place.work, module, path.id(), Some(version), patch).await
}

async fn redraw(
    caller: &Caller,
    path: &RecordPath,
    state: FormState,
    status: StatusCode,
) -> Result<Response, Problem> {
    let place = Place::open(caller, Intent::Read).await?;
    let module = place.module(&path.module)?;
    let record = record::get(&place.work, &module, path.id()).await?;
    let page = page(&place, &module, FormPurpose::Edit(&record), state).await?;
    Ok(page.with_status(status))
}

async fn page(
    place: &Place,
    module: &Module,
    purpose: FormPurpose<'_>,
    state: FormState,
) -> Result<Page, Problem> {
    let model = view::form(place.view(), module, purpose, state).await?;
    let href = &model.cancel_href;
    let standing = match purpose {
        FormPurpose::Create => Standing::Inside(module),
        FormPurpose::Edit(record) => Standing::Record(module, &record.title, href),
    };
    let frame = place.frame(standing);
    Page::new("form", model.heading.clone(), frame, model)
}

/// Pipeline, stage and reason, as the form's controls give them.
fn placement(typed: &Typed) -> (Option<String>, Option<String>, Option<String>) {
    let text = |name| typed.get(name).and_then(|texts| texts.first()).map_or("", String::as_str);
    let reason = Some(text("_stage_reason").to_owned()).filter(|text| !text.is_empty());
    let (pipeline, stage) = view::typed_stage(text("_stage"));
    (pipeline, stage, reason)
}

fn invalid(errors: Vec<Fault>) -> record::Error {
    record::Invalid { errors }.into()
}
