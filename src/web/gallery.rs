//! The root page and the public gallery of industries.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{Frame, Page};
use crate::http::{AppState, Path, Problem, SignedIn};
use crate::template::{Catalogue, Summary, Template};

/// `/templates/{template}`
#[derive(Debug, Deserialize)]
pub(super) struct TemplatePath {
    pub(super) template: String,
}

/// `GET /`
pub(super) async fn landing(State(app): State<AppState>, who: Option<SignedIn>) -> Result<Page, Problem> {
    let context = json!({
        "templates": summaries(&app.catalogue),
        "signed_in": who.is_some(),
        "open": app.settings.open_sign_up,
    });
    Page::new("landing", "Pick your industry, get your CRM", public(&who), context)
}

/// `GET /templates`
pub(super) async fn list(State(app): State<AppState>, who: Option<SignedIn>) -> Result<Page, Problem> {
    let context = json!({"templates": summaries(&app.catalogue)});
    Page::new("templates", "Industries", public(&who), context)
}

/// `GET /templates/{template}`
pub(super) async fn detail(
    State(app): State<AppState>,
    who: Option<SignedIn>,
    path: Path<TemplatePath>,
) -> Result<Page, Problem> {
    let template = app.catalogue.get(&path.0.template).ok_or_else(Problem::not_found)?;
    let context = json!({"template": preview(template), "open": app.settings.open_sign_up});
    Page::new("template", template.manifest.name.clone(), public(&who), context)
}

fn public(who: &Option<SignedIn>) -> Frame {
    Frame::Public { signed_in: who.is_some() }
}

/// What the gallery shows; the blank one comes last.
pub(super) fn summaries(catalogue: &Catalogue) -> Vec<Summary> {
    let mut all: Vec<Summary> = catalogue.list().map(|template| template.summary()).collect();
    all.sort_by_key(|summary| summary.key == "blank");
    all
}

/// What a template gives, in detail.
pub(super) fn preview(template: &Template) -> Value {
    let pipelines: Vec<Value> = template
        .pipelines
        .iter()
        .map(|pipeline| {
            let stages: Vec<Value> = pipeline
                .stages
                .iter()
                .map(|stage| json!({"label": stage.label, "color": stage.color}))
                .collect();
            json!({"label": pipeline.label, "stages": stages})
        })
        .collect();
    let roles: Vec<Value> =
        template.roles.iter().map(|role| json!({"label": role.label, "summary": role.summary})).collect();
    let modules: Vec<Value> = template
        .modules
        .iter()
        .map(|module| {
            json!({
                "label": module.label.many,
                "icon": module.icon,
                "hue": module.hue,
                "summary": module.summary,
                "fields": module.fields.len(),
            })
        })
        .collect();
    json!({"summary": template.summary(), "modules": modules, "pipelines": pipelines, "roles": roles})
}
