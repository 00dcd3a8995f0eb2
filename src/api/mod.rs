//! The JSON API: one line per resource. Handlers check nothing themselves: they open work for the caller, call one
//! service and answer.

mod activities;
mod aggregate;
mod boards;
mod bootstrap;
mod bulk;
mod comments;
mod conversion;
mod duplicates;
mod etag;
mod exchange_rates;
mod files;
mod jobs;
pub mod me;
mod modules;
mod notifications;
mod openapi;
mod options;
mod path;
mod pipelines;
mod problem;
mod records;
mod roster;
mod search;
pub mod session;
mod shares;
mod slots;
mod tasks;
mod templates;
mod views;

use utoipa_axum::router::OpenApiRouter;

use crate::http::AppState;

/// Resources of the installation: sign-in, sign-up, the caller's own account.
pub fn root_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(session::routes()).merge(me::root_routes())
}

/// Resources of one workspace, below its address.
pub fn tenant_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(me::routes())
        .merge(bootstrap::routes())
        .merge(modules::routes())
        .merge(options::routes())
        .merge(conversion::routes())
        .merge(slots::routes())
        .merge(records::routes())
        .merge(shares::routes())
        .merge(roster::routes())
        .merge(exchange_rates::routes())
        .merge(boards::routes())
        .merge(pipelines::routes())
        .merge(activities::routes())
        .merge(comments::routes())
        .merge(tasks::routes())
        .merge(notifications::routes())
        .merge(files::routes())
        .merge(views::routes())
        .merge(search::routes())
        .merge(bulk::routes())
        .merge(duplicates::routes())
        .merge(jobs::routes())
        .merge(aggregate::routes())
        .merge(templates::routes())
        .merge(openapi::routes())
}
