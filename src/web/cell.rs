//! Editing one cell of a list in place. Without scripts the way leads to the edit form.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value, json};

use super::field_input;
use super::input::{Pairs, Parameters, Partial, text, typed};
use super::page::{Frame, Page};
use super::place::{CellPath, Place};
use crate::access::Update;
use crate::http::{Caller, Path, Problem};
use crate::id::RecordId;
use crate::record::{self, Fault, Patch, Record};
use crate::schema::Module;
use crate::view::{self, FormState, Typed};
use crate::work::Intent;

/// `GET /m/{module}/r/{id}/cell/{field}`
pub(super) async fn open(
    caller: Caller,
    path: Path<CellPath>,
    partial: Partial,
    query: Parameters,
) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    place.work.actor.permit::<Update>(module.key())?;
    let record = record::get(&place.work, &module, RecordId(path.0.id)).await?;
    if !partial.0 {
        let target = place.links.of_record(module.key(), record.id, "edit");
        return Ok(Redirect::to(&format!("{target}#f-{}", path.0.field)).into_response());
    }
    let cell = Cell { path: &path.0, view: text(&query.0, "view"), module: &module };
    Ok(cell.form(&place, &record, FormState::default()).await?.into_response())
}

/// `POST /m/{module}/r/{id}/cell/{field}`: the row as it is now, or the form with what is wrong.
pub(super) async fn save(
    caller: Caller,
    path: Path<CellPath>,
    query: Parameters,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let version = text(&pairs.0, "_version").parse::<i32>().unwrap_or_default();
    let typed = typed(pairs.0);
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    let cell = Cell { path: &path.0, view: text(&query.0, "view"), module: &module };
    let saved = match cell.change(&place, version, &typed).await {
        Err(record::Error::Stale { .. }) => cell.merge(&place, version, &typed).await,
        saved => saved,
    };
    let (status, faults) = match saved {
        Ok(record) => {
            let page = cell.row(&place, &record).await?;
            place.work.commit().await?;
            return Ok(page.into_response());
        }
        Err(record::Error::Invalid(invalid)) => {
            let stale = invalid.errors.iter().any(|fault| fault.code == STALE);
            let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            (status, invalid.errors)
        }
        Err(error) => return Err(error.into()),
    };
    drop(place);
    let place = Place::open(&caller, Intent::Read).await?;
    let record = record::get(&place.work, &module, RecordId(path.0.id)).await?;
    let state = FormState { typed, faults, conflict: None };
    Ok(cell.form(&place, &record, state).await?.with_status(status))
}

/// The code of the fault that somebody else changed the cell meanwhile.
const STALE: &str = "stale";

/// A cell of a list.
struct Cell<'a> {
    path: &'a CellPath,
    view: &'a str,
    module: &'a Module,
}

impl Cell<'_> {
    async fn form(&self, place: &Place, record: &Record, state: FormState) -> Result<Page, Problem> {
        let field = view::cell_field(place.view(), self.module, record, &self.path.field, &state).await?;
        let field = field.ok_or_else(Problem::not_found)?;
        let href = place.links.cell(self.module.key(), record.id, &self.path.field);
        let action = if self.view.is_empty() { href } else { format!("{href}?view={}", self.view) };
        let context = json!({"field": field, "version": record.version, "action": action});
        let title = format!("{} of {}", field.label, record.title);
        Page::new("cell", title, Frame::Public { signed_in: true }, context)
    }

    async fn row(&self, place: &Place, record: &Record) -> Result<Page, Problem> {
        let row = view::row(place.view(), self.module, self.view, record).await?;
        let title = record.title.clone();
        Page::new("row", title, Frame::Public { signed_in: true }, json!({"row": row, "selectable": false}))
    }

    async fn change(&self, place: &Place, version: i32, typed: &Typed) -> Result<Record, record::Error> {
        let key = self.path.field.as_str();
        let mut patch = Patch::default();
        match (self.module.field(key), key) {
            (Some(_), _) => {
                let values = field_input::values(self.module, typed);
                let values = values.map_err(|errors| record::Invalid { errors })?;
                patch.data =
                    values.into_iter().filter(|(name, _)| name == key).collect::<Map<String, Value>>();
            }
            (None, "owner") => patch.owner = view::typed_owner(typed)?,
            (None, "stage") => {
                let text = typed.get("_stage").and_then(|texts| texts.first()).map_or("", String::as_str);
                (patch.pipeline, patch.stage) = view::typed_stage(text);
            }
            (None, _) => return Err(record::Error::NotFound),
        }
        record::update(&place.work, self.module, RecordId(self.path.id), Some(version), patch).await
    }

    /// Saves over a newer version if nobody else touched this very cell; else says what it is now.
    async fn merge(&self, place: &Place, base: i32, typed: &Typed) -> Result<Record, record::Error> {
        let current = record::get(&place.work, self.module, RecordId(self.path.id)).await?;
        let mut typed = typed.clone();
        let conflict = view::conflict(place.view(), self.module, &current, base, &mut typed).await?;
        match conflict.rows.into_iter().find(|row| row.key == self.path.field) {
            Some(row) => {
                let message = format!(
                    "{} changed this to {} in the meantime. Save again to replace it.",
                    row.by, row.theirs
                );
                Err(Fault::new(format!("/data/{}", row.key), STALE, message).into())
            }
            None => self.change(place, current.version, &typed).await,
        }
    }
}
