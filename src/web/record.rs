//! A record's page, its history, and what is done to it there: moved on, thrown away, brought back.

use axum::response::Redirect;
use serde_json::json;
use uuid::Uuid;

use super::input::{Pairs, Parameters, text};
use super::page::Page;
use super::place::{Place, RecordPath};
use super::shell::Standing;
use crate::http::{Caller, Path, Problem};
use crate::record::{self, Patch};
use crate::view::{self, ModuleFace};
use crate::work::Intent;

/// `GET /m/{module}/r/{id}?activities=&comments=`
pub(super) async fn show(caller: Caller, path: Path<RecordPath>, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let record = record::get(&place.work, &module, path.0.id()).await?;
    let after = |name: &str| text(&query.0, name).parse::<Uuid>().ok();
    let pages = view::Pages { activities: after("activities"), comments: after("comments") };
    let around = view::around(place.view(), &module, &record, pages).await?;
    let model = view::record(place.view(), &module, &record, around, caller.keys()).await?;
    Page::new("record", record.title.clone(), place.frame(Standing::Inside(&module)), model)
}

/// `GET /m/{module}/r/{id}/history?cursor=`
pub(super) async fn history(
    caller: Caller,
    path: Path<RecordPath>,
    query: Parameters,
) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let record = record::get(&place.work, &module, path.0.id()).await?;
    let before = text(&query.0, "cursor").parse::<Uuid>().ok();
    let (entries, next) = record::history(&place.work, &module, record.id, before).await?;
    let lines = view::history(place.view(), &module, &entries).await?;
    let href = place.links.record(module.key(), record.id);
    let own = place.links.of_record(module.key(), record.id, "history");
    let context = json!({
        "module": ModuleFace::new(&module, &place.links),
        "title": record.title,
        "href": href,
        "history": lines,
        "first_href": if before.is_some() { own.as_str() } else { "" },
        "next_href": next.map(|id| format!("{own}?cursor={id}")).unwrap_or_default(),
    });
    let standing = Standing::Record(&module, &record.title, &href);
    Page::new("history", format!("History of {}", record.title), place.frame(standing), context)
}

/// `POST /m/{module}/r/{id}/stage`
pub(super) async fn move_stage(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    // A board's control names stage and reason at once: `lost:price`.
    let named = text(&pairs.0, "_stage");
    let (named, own) = named.split_once(':').unwrap_or((named, text(&pairs.0, "_reason")));
    let (pipeline, stage) = view::typed_stage(named);
    let reason = Some(own.to_owned()).filter(|text| !text.is_empty());
    let patch = Patch { pipeline, stage: Some(stage.unwrap_or_default()), reason, ..Patch::default() };
    let moved = record::update(&place.work, &module, path.0.id(), version(&pairs), patch).await?;
    if text(&pairs.0, "_then") == "board" {
        let shown = moved.pipeline.unwrap_or_default();
        let board = format!("{}?pipeline={shown}", place.links.board(module.key()));
        place.work.commit().await?;
        return Ok(Redirect::to(&board));
    }
    back(place, &path.0).await
}

/// `POST /m/{module}/r/{id}/delete`
pub(super) async fn delete(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    record::delete(&place.work, &module, path.0.id(), version(&pairs)).await?;
    back(place, &path.0).await
}

/// `POST /m/{module}/r/{id}/restore`
pub(super) async fn restore(caller: Caller, path: Path<RecordPath>) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    record::restore(&place.work, &module, path.0.id()).await?;
    back(place, &path.0).await
}

/// Makes the change last and shows the record as it is now.
async fn back(place: Place, path: &RecordPath) -> Result<Redirect, Problem> {
    let target = place.links.record(&path.module, path.id());
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}

/// The version that the page showed. Without one nothing is overwritten unseen: it matches no record.
fn version(pairs: &Pairs) -> Option<i32> {
    Some(text(&pairs.0, "_version").parse().unwrap_or_default())
}
