//! A new workspace chooses its template.

use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::gallery::{TemplatePath, preview, summaries};
use super::input::{Pairs, text};
use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::http::{Caller, Path, Problem};
use crate::template::{self, InstallOptions};
use crate::work::Intent;

/// `GET /welcome`
pub(super) async fn gallery(caller: Caller) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    if place.work.workspace.template.is_some() {
        return Ok(Redirect::to(&place.links.home()).into_response());
    }
    let context = json!({
        "templates": summaries(caller.catalogue()),
        "owner": place.work.actor.is_owner(),
        "base": place.links.welcome(),
    });
    Ok(Page::new("welcome", "Choose your industry", place.frame(Standing::Welcome), context)?.into_response())
}

/// `GET /welcome/{template}`
pub(super) async fn detail(caller: Caller, path: Path<TemplatePath>) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    if place.work.workspace.template.is_some() {
        return Ok(Redirect::to(&place.links.home()).into_response());
    }
    let template = caller.catalogue().get(&path.0.template).ok_or_else(Problem::not_found)?;
    let context = json!({
        "template": preview(template),
        "owner": place.work.actor.is_owner(),
        "action": place.links.welcome_template(&path.0.template),
        "back_href": place.links.welcome(),
    });
    let title = template.manifest.name.clone();
    Ok(Page::new("welcome_template", title, place.frame(Standing::Welcome), context)?.into_response())
}

/// `POST /welcome/{template}`: makes the workspace from it and opens the first list.
pub(super) async fn apply(
    caller: Caller,
    path: Path<TemplatePath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let template = caller.catalogue().get(&path.0.template).ok_or_else(Problem::not_found)?.clone();
    let mut place = Place::open(&caller, Intent::ChangeSchema).await?;
    let options = InstallOptions { samples: text(&pairs.0, "samples") == "true" };
    template::install(&mut place.work, &template, options).await?;
    let first = template.modules.first().map(|module| place.links.module(&module.key));
    let target = first.unwrap_or_else(|| place.links.home());
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}
