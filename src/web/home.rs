//! The first page of a workspace: its modules, and how much is in them.

use std::sync::Arc;

use axum::response::{IntoResponse, Redirect, Response};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::access::{Scope, Verb};
use crate::http::{Caller, Problem};
use crate::record::{self, CountMode, ListQuery};
use crate::schema::Module;
use crate::view::{ModuleAccess, ModuleFace};
use crate::work::Intent;

/// `GET /`
pub(super) async fn home(caller: Caller) -> Result<Response, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let work = &place.work;
    if work.workspace.template.is_none() && work.schema.modules().next().is_none() {
        return Ok(Redirect::to(&place.links.welcome()).into_response());
    }
    let readable = |module: &&Arc<Module>| work.actor.scope(module.key(), Verb::Read) != Scope::None;
    let modules =
        try_join_all(work.schema.modules().filter(readable).map(|module| card(&place, module))).await?;
    let context = json!({"workspace": work.workspace.name, "modules": modules, "user": work.actor.name});
    Ok(Page::new("home", work.workspace.name.clone(), place.frame(Standing::Home), context)?.into_response())
}

async fn card(place: &Place, module: &Module) -> Result<Value, Problem> {
    let mut query = ListQuery::default();
    query.limit = 1;
    query.count = CountMode::Capped;
    let page = record::list(&place.work, module, &query, None).await?;
    let create = ModuleAccess::of(&place.work, module).create;
    Ok(json!({
        "module": ModuleFace::new(module, &place.links),
        "count": page.count.map(crate::view::count_text).unwrap_or_default(),
        "new_href": if create { place.links.new_record(module.key()) } else { String::new() },
    }))
}
