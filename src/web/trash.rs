//! A module's trash.

use super::input::{Parameters, text};
use super::page::Page;
use super::place::{ModulePath, Place};
use super::shell::Standing;
use crate::http::{Caller, Path, Problem};
use crate::view;
use crate::work::Intent;

/// `GET /m/{module}/trash`
pub(super) async fn list(caller: Caller, path: Path<ModulePath>, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    let model = view::trash(place.view(), &module, text(&query.0, "cursor"), caller.keys()).await?;
    let title = format!("{} in the trash", module.definition.label.many);
    Page::new("trash", title, place.frame(Standing::Inside(&module)), model)
}
