//! A module's board.

use super::input::{Parameters, text};
use super::page::Page;
use super::place::{ModulePath, Place};
use super::shell::Standing;
use crate::http::{Caller, Path, Problem};
use crate::record::RawListQuery;
use crate::view;
use crate::work::Intent;

/// `GET /m/{module}/board?pipeline=`
pub(super) async fn show(caller: Caller, path: Path<ModulePath>, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let given = |name| Some(text(&query.0, name).trim().to_owned()).filter(|text| !text.is_empty());
    let raw = RawListQuery { filter: given("filter"), q: given("q"), ..RawListQuery::default() };
    let pipeline = text(&query.0, "pipeline");
    let model = view::board(place.view(), &module, pipeline, raw, caller.keys()).await?;
    let title = format!("{}: {}", module.definition.label.many, model.label);
    Page::new("board", title, place.frame(Standing::Inside(&module)), model)
}
