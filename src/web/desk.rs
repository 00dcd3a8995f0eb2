//! A person's own desk: their tasks, what they are told, and the search over all modules.

use axum::response::Redirect;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use serde_json::json;
use uuid::Uuid;

use super::around::{IdPath, fault};
use super::input::{Pairs, Parameters, text};
use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::around::notice;
use crate::around::task::{self, TaskInput, Which};
use crate::http::{Caller, Path, Problem};
use crate::id::{RecordId, TaskId, UserId};
use crate::record;
use crate::view::{self, ModuleFace};
use crate::work::Intent;

/// Records of a module that the search page shows.
const FOUND: usize = 10;

/// `GET /tasks?which=&cursor=`
pub(super) async fn tasks(caller: Caller, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let word = Some(text(&query.0, "which")).filter(|word| Which::named(word).is_some()).unwrap_or("mine");
    let which = Which::named(word).unwrap_or_default();
    let list = task::list(&place.work, which, cursor(&query)).await?;
    let own = place.links.tasks();
    let tab = |key: &str, label: &str| json!({"label": label, "href": format!("{own}?which={key}"), "current": key == word});
    let rows: Vec<_> = list.data.iter().map(|task| view::task_row(place.view(), task)).collect();
    let members = view::member_rows(place.view()).await?;
    let next = list.next.map(|id| format!("{own}?which={word}&cursor={id}")).unwrap_or_default();
    let context = json!({
        "tabs": [tab("mine", "Mine"), tab("overdue", "Overdue"), tab("given", "Given by me"), tab("done", "Done")],
        "tasks": {"rows": rows, "add_href": own, "record": "", "members": members},
        "next_href": next,
    });
    Page::new("tasks", "Tasks", place.frame(Standing::Elsewhere), context)
}

/// `POST /tasks`: for a record, where the form names one.
pub(super) async fn add_task(caller: Caller, pairs: Pairs) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let given = |name: &str| Some(text(&pairs.0, name)).filter(|text| !text.trim().is_empty());
    let id = |name: &'static str| {
        let parsed = given(name).map(|text| text.parse::<Uuid>());
        parsed.transpose().map_err(|_| fault("/assignee", "Choose one of the list."))
    };
    let input = TaskInput {
        title: Some(text(&pairs.0, "title").to_owned()),
        body: given("body").map(str::to_owned),
        due_at: given("due").map(|text| instant(&place, text).map(Some)).transpose()?,
        reminder_at: given("reminder").map(|text| instant(&place, text).map(Some)).transpose()?,
        assignee: id("assignee")?.map(UserId),
        record: id("record")?.map(RecordId),
        ..TaskInput::default()
    };
    let task = task::add(&place.work, input).await?;
    back(place, &task).await
}

/// A local time of the workspace, as a browser's control sends it.
fn instant(place: &Place, text: &str) -> Result<DateTime<Utc>, Problem> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok();
    let zone = place.work.workspace.locale.timezone;
    let at = local.and_then(|local| zone.from_local_datetime(&local).earliest());
    at.map(|at| at.with_timezone(&Utc)).ok_or_else(|| fault("/due_at", "Enter a date and a time."))
}

/// `POST /tasks/{id}/done`
pub(super) async fn finish_task(
    caller: Caller,
    path: Path<IdPath>,
    pairs: Pairs,
) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    let version = text(&pairs.0, "_version").parse().unwrap_or_default();
    let input = TaskInput { done: Some(text(&pairs.0, "done") != "0"), ..TaskInput::default() };
    let task = task::update(&place.work, TaskId(path.0.id), Some(version), input).await?;
    back(place, &task).await
}

/// Makes it last and goes to the task's record, or to the tasks.
async fn back(place: Place, task: &task::Task) -> Result<Redirect, Problem> {
    let target = match &task.record {
        Some(record) => format!("{}#tasks", place.links.record(&record.module, record.id)),
        None => place.links.tasks(),
    };
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}

/// `GET /notifications?cursor=`
pub(super) async fn notifications(caller: Caller, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let list = notice::list(&place.work, cursor(&query), false).await?;
    let rows: Vec<_> = list.data.iter().map(|notice| view::notice_row(place.view(), notice)).collect();
    let own = place.links.notifications();
    let context = json!({
        "rows": rows,
        "read_href": format!("{own}/read"),
        "next_href": list.next.map(|id| format!("{own}?cursor={id}")).unwrap_or_default(),
    });
    Page::new("notifications", "Notifications", place.frame(Standing::Elsewhere), context)
}

/// `POST /notifications/read`
pub(super) async fn read_notifications(caller: Caller) -> Result<Redirect, Problem> {
    let place = Place::open(&caller, Intent::Write).await?;
    notice::read(&place.work, None).await?;
    let target = place.links.notifications();
    place.work.commit().await?;
    Ok(Redirect::to(&target))
}

/// `GET /search?q=`
pub(super) async fn search(caller: Caller, query: Parameters) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    let words = text(&query.0, "q").trim();
    let found = match words.is_empty() {
        true => Vec::new(),
        false => record::search(&place.work, words, FOUND).await?,
    };
    let groups: Vec<_> = found
        .iter()
        .filter_map(|group| {
            let module = place.work.schema.module(&group.module)?;
            let row = |hit: &record::Record| json!({"title": hit.title, "href": place.links.record(&group.module, hit.id)});
            let all = view::ListAddress { q: words.to_owned(), ..view::ListAddress::new(place.links.module(&group.module)) };
            Some(json!({
                "module": ModuleFace::new(module, &place.links),
                "count": view::count_text(group.count),
                "rows": group.records.iter().map(row).collect::<Vec<_>>(),
                "all_href": all.href(),
            }))
        })
        .collect();
    let context = json!({"q": words, "path": place.links.search(), "groups": groups});
    Page::new("search", "Search", place.frame(Standing::Elsewhere), context)
}

fn cursor(query: &Parameters) -> Option<Uuid> {
    text(&query.0, "cursor").parse().ok()
}
