//! The server-rendered pages. A handler answers with a [`Page`]; one layer renders it, as a whole page or, for a
//! partial request, as its region alone. Pages work without scripts; scripts shorten the path. Nothing here decides who
//! may do what: view models say it.

/// The built front end: addresses and serving.
pub mod assets;

mod account;
mod add_field;
mod around;
mod board;
mod cell;
mod desk;
mod field_input;
mod field_options;
mod files;
mod gallery;
mod home;
mod input;
mod layer;
mod list;
mod members;
mod page;
mod place;
mod problem_page;
mod record;
mod record_form;
mod registry;
mod saved_view;
mod settings;
mod shell;
mod sign_in;
mod sign_up;
mod trash;
mod welcome;

use axum::Router;
use axum::routing::{get, post};

use crate::http::AppState;

pub use layer::layer;
pub use page::{Frame, Page};
pub use registry::{names, render};

/// Pages of the installation itself: the way in, the public gallery, assets.
pub fn root_routes() -> Router<AppState> {
    Router::new()
        .route("/", get(gallery::landing))
        .route("/templates", get(gallery::list))
        .route("/templates/{template}", get(gallery::detail))
        .route("/signup", get(sign_up::form).post(sign_up::sign_up))
        .route("/account/workspaces", get(account::choose).post(account::enter))
        .route("/assets/{*path}", get(assets::serve))
        .route("/problems/{slug}", get(problem_page::show))
        .merge(session_routes())
}

/// Pages of a workspace, below `/t/{slug}` or on a host of its own.
pub fn workspace_routes() -> Router<AppState> {
    Router::new()
        .route("/", get(home::home))
        .route("/welcome", get(welcome::gallery))
        .route("/welcome/{template}", get(welcome::detail).post(welcome::apply))
        .route("/settings/modules", get(settings::modules))
        .route("/settings/members", get(members::list))
        .route("/settings/members/{id}", post(members::save))
        .route("/members", get(list::members))
        .route("/m/{module}", get(list::list))
        .route("/m/{module}/new", get(record_form::blank).post(record_form::create))
        .route("/m/{module}/board", get(board::show))
        .route("/m/{module}/trash", get(trash::list))
        .route("/m/{module}/choices", get(list::choices))
        .route("/m/{module}/fields", get(add_field::form).post(add_field::add))
        .route("/m/{module}/fields/{field}/options", get(field_options::form).post(field_options::save))
        .route("/m/{module}/r/{id}", get(record::show))
        .route("/m/{module}/r/{id}/history", get(record::history))
        .route("/m/{module}/r/{id}/edit", get(record_form::edit).post(record_form::save))
        .route("/m/{module}/r/{id}/stage", post(record::move_stage))
        .route("/m/{module}/r/{id}/delete", post(record::delete))
        .route("/m/{module}/r/{id}/restore", post(record::restore))
        .route("/m/{module}/r/{id}/cell/{field}", get(cell::open).post(cell::save))
        .merge(around_routes())
        .merge(session_routes())
}

/// What stands around records, and a person's own desk.
fn around_routes() -> Router<AppState> {
    Router::new()
        .route("/m/{module}/r/{id}/activities", post(around::add_activity))
        .route("/m/{module}/r/{id}/comments", post(around::add_comment))
        .route("/m/{module}/r/{id}/follow", post(around::set_follow))
        .route("/m/{module}/r/{id}/files", post(around::attach))
        .route("/m/{module}/r/{id}/detach", post(around::detach))
        .route("/m/{module}/views", post(saved_view::save))
        .route("/views/{id}/delete", post(saved_view::delete))
        .route("/comments/{id}/delete", post(around::delete_comment))
        .route("/files", get(files::list).post(files::add))
        .route("/files/{id}", get(files::download))
        .route("/tasks", get(desk::tasks).post(desk::add_task))
        .route("/tasks/{id}/done", post(desk::finish_task))
        .route("/notifications", get(desk::notifications))
        .route("/notifications/read", post(desk::read_notifications))
        .route("/search", get(desk::search))
}

/// Signing in and out, the same on every host.
fn session_routes() -> Router<AppState> {
    Router::new()
        .route("/signin", get(sign_in::form).post(sign_in::sign_in))
        .route("/signout", post(sign_in::sign_out))
}
