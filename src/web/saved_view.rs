//! Saving a list as a view, and deleting one.

use axum::response::Redirect;

use super::around::{IdPath, fault};
use super::input::{Pairs, text};
use super::place::{ModulePath, Place};
use crate::http::{Caller, Path, Problem};
use crate::id::ViewId;
use crate::saved_view::{self, NewView, Shown, Visibility};
use crate::view::{self, ListAddress};
use crate::work::Intent;

/// `POST /m/{module}/views`: the list as it is shown, under a name.
pub(super) async fn save(caller: Caller, path: Path<ModulePath>, pairs: Pairs) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    let visibility = Visibility::named(text(&pairs.0, "visibility"));
    let based = view::based_on(place.view(), &module, text(&pairs.0, "view")).await?;
    let both: Vec<&str> = [based.filter.as_deref().unwrap_or_default(), text(&pairs.0, "filter")]
        .into_iter()
        .filter(|source| !source.trim().is_empty())
        .collect();
    let filter = match both.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        more => Some(format!("({})", more.join(") and ("))),
    };
    let sort = match text(&pairs.0, "sort") {
        "" => based.sort,
        sort => sort.split(',').map(|key| key.trim().to_owned()).collect(),
    };
    let new = NewView {
        label: text(&pairs.0, "label").to_owned(),
        visibility: visibility
            .filter(|v| *v != Visibility::Role)
            .ok_or_else(|| fault("/visibility", "Say who sees the view."))?,
        shown: Shown { columns: based.columns, filter, sort, group_by: None },
        ..NewView::default()
    };
    let saved = saved_view::create(&place.work, &module, new).await?;
    let address =
        ListAddress { view: saved.id.to_string(), ..ListAddress::new(place.links.module(module.key())) };
    place.work.commit().await?;
    Ok(Redirect::to(&address.href()))
}

/// `POST /views/{id}/delete`
pub(super) async fn delete(caller: Caller, path: Path<IdPath>) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let id = ViewId(path.0.id);
    let view = saved_view::get(&place.work, id).await?;
    saved_view::delete(&place.work, id, None).await?;
    let target = place.links.module(&view.module);
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}
