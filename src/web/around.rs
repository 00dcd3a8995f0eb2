//! What people do around a record on its page: note an activity, comment, follow, attach files.

use axum::extract::Request;
use axum::response::Redirect;

use super::input::{Pairs, text, texts};
use super::place::{Place, RecordPath};
use crate::around::activity::{self, Kind, NewActivity};
use crate::around::{comment, file, follow};
use crate::http::{Caller, Fault, Path, Problem, ProblemType, upload};
use crate::id::{CommentId, FileId};
use crate::record;
use crate::schema::Module;
use crate::work::Intent;

/// `/comments/{id}/delete` and the like
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct IdPath {
    pub(super) id: uuid::Uuid,
}

/// `POST /m/{module}/r/{id}/activities`
pub(super) async fn add_activity(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    record::assert_readable(&place.work, &module, path.0.id()).await?;
    let new = NewActivity {
        kind: Kind::named(text(&pairs.0, "kind")).ok_or_else(|| fault("/kind", "Choose what happened."))?,
        subject: text(&pairs.0, "subject").to_owned(),
        body: text(&pairs.0, "body").to_owned(),
        at: None,
        minutes: number(text(&pairs.0, "minutes"))?,
        participants: names(text(&pairs.0, "participants")),
        corrects: None,
    };
    activity::add(&place.work, &module, path.0.id(), new).await?;
    back(place, &module, &path.0, "activities").await
}

fn number(text: &str) -> Result<Option<i32>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| fault("/minutes", "Enter the minutes as a number.")),
    }
}

fn names(text: &str) -> Vec<String> {
    text.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// `POST /m/{module}/r/{id}/comments`: who is ticked is mentioned at the end.
pub(super) async fn add_comment(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    let mut body = text(&pairs.0, "body").to_owned();
    for user in texts(&pairs.0, "mention").iter().filter(|user| !user.is_empty()) {
        body.push_str(&format!(" @[{user}]"));
    }
    comment::add(&place.work, &module, path.0.id(), &body).await?;
    back(place, &module, &path.0, "comments").await
}

/// `POST /comments/{id}/delete`
pub(super) async fn delete_comment(caller: Caller, path: Path<IdPath>) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let (module, record) = comment::delete(&place.work, CommentId(path.0.id)).await?;
    let target = format!("{}#comments", place.links.record(&module, record));
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}

/// `POST /m/{module}/r/{id}/follow`
pub(super) async fn set_follow(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    match text(&pairs.0, "on") {
        "0" => follow::unfollow(&place.work, &module, path.0.id()).await?,
        _ => follow::follow(&place.work, &module, path.0.id()).await?,
    };
    back(place, &module, &path.0, "").await
}

/// `POST /m/{module}/r/{id}/files`
pub(super) async fn attach(
    caller: Caller,
    path: Path<RecordPath>,
    request: Request,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let module = place.module(&path.0.module)?;
    file::assert_attachable(&place.work, &module, path.0.id()).await?;
    drop(place);
    let arrived = upload::form(&caller, request).await?;
    if arrived.is_empty() {
        return Err(fault("/file", "Choose a file first."));
    }
    let place = Place::open(&caller, Intent::Write).await?;
    let mut ids = Vec::new();
    for one in arrived {
        ids.push(file::keep(&place.work, caller.files(), one.staged, &one.name).await?.id);
    }
    file::attach(&place.work, &module, path.0.id(), &ids).await?;
    back(place, &module, &path.0, "files").await
}

/// `POST /m/{module}/r/{id}/detach`
pub(super) async fn detach(
    caller: Caller,
    path: Path<RecordPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let module = place.module(&path.0.module)?;
    file::assert_attachable(&place.work, &module, path.0.id()).await?;
    let id =
        text(&pairs.0, "file").parse().map(FileId).map_err(|_| fault("/file", "There is no such file."))?;
    file::detach(&place.work, &module, path.0.id(), id).await?;
    back(place, &module, &path.0, "files").await
}

/// A fault of a form.
pub(super) fn fault(pointer: &'static str, message: &'static str) -> Problem {
    Problem::invalid(ProblemType::InvalidInput, vec![Fault::at(pointer, "required", message)])
}

/// Makes it last and shows the record again, at one of its sections.
async fn back(place: Place, module: &Module, path: &RecordPath, section: &str) -> Result<Redirect, Problem> {
    let mut target = place.links.record(module.key(), path.id());
    if !section.is_empty() {
        target.push_str(&format!("#{section}"));
    }
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}
