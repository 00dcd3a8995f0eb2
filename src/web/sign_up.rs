//! Signing up: a new account with a new workspace, straight into the gallery.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::input::{Pairs, Parameters, text};
use super::page::{Frame, Page};
use super::sign_in::{entered, refused};
use crate::http::{AppState, ClientAddress, Problem};
use crate::identity::SessionKind;
use crate::tenancy::{self, SignUp};

/// What is typed, and typed again where it is refused. The password never is.
const FIELDS: [&str; 3] = ["name", "email", "company"];

/// `GET /signup`
pub(super) async fn form(State(app): State<AppState>, query: Parameters) -> Result<Page, Problem> {
    page(&app, &query.0, &Map::new(), "")
}

/// `POST /signup`
pub(super) async fn sign_up(
    State(app): State<AppState>,
    client: ClientAddress,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let pairs = pairs.0;
    if !app.settings.open_sign_up {
        return Ok(page(&app, &pairs, &Map::new(), "")?.with_status(StatusCode::FORBIDDEN));
    }
    let given = |name| text(&pairs, name).to_owned();
    let request = SignUp {
        name: given("name"),
        email: given("email"),
        password: given("password"),
        company: given("company"),
        slug: None,
    };
    match tenancy::sign_up(&app.identity, &request, SessionKind::Web, client.0).await {
        Ok(started) => {
            let slug = started.workspace.unwrap_or_default();
            Ok(entered(&app, &started.token, &welcome(&app, &slug, &given("template"))))
        }
        Err(error) => {
            let problem = Problem::from(error);
            let errors = errors(&problem);
            refused(problem, |message| {
                let message = if errors.is_empty() { message } else { "" };
                page(&app, &pairs, &errors, message)
            })
        }
    }
}

/// The gallery of the new workspace, or the template that was chosen before signing up.
fn welcome(app: &AppState, slug: &str, template: &str) -> String {
    match app.catalogue.get(template) {
        Some(template) => format!("/t/{slug}/welcome/{}", template.manifest.key),
        None => format!("/t/{slug}/welcome"),
    }
}

/// Messages by the name of the input.
fn errors(problem: &Problem) -> Map<String, Value> {
    let named = |fault: &crate::http::Fault| {
        let name = fault.pointer.as_deref()?.trim_start_matches('/').to_owned();
        let name = if name == "slug" { "company".to_owned() } else { name };
        Some((name, Value::from(fault.message.clone())))
    };
    problem.errors.iter().filter_map(named).collect()
}

/// A line for each input that needs attention, leading to it.
fn summary(errors: &Map<String, Value>) -> Vec<Value> {
    let label = |name: &str| match name {
        "name" => "Your name",
        "email" => "E-mail",
        "password" => "Password",
        _ => "Company or organisation",
    };
    let line = |name: &str| {
        let text = errors.get(name)?.as_str()?;
        Some(json!({"href": format!("#f-{name}"), "text": format!("{}: {text}", label(name))}))
    };
    ["name", "email", "password", "company"].into_iter().filter_map(line).collect()
}

fn page(
    app: &AppState,
    given: &[(String, String)],
    errors: &Map<String, Value>,
    message: &str,
) -> Result<Page, Problem> {
    let summary = summary(errors);
    let title = match summary.len() {
        0 => String::new(),
        1 => "One field needs attention".to_owned(),
        more => format!("{more} fields need attention"),
    };
    let error = |name: &str| errors.get(name).and_then(Value::as_str).unwrap_or_default();
    let template = app.catalogue.get(text(given, "template"));
    let values: Map<String, Value> =
        FIELDS.iter().map(|name| ((*name).to_owned(), text(given, name).into())).collect();
    let context = json!({
        "values": values,
        "errors": {
            "name": error("name"), "email": error("email"), "password": error("password"), "company": error("company"),
        },
        "summary": summary,
        "summary_title": title,
        "message": message,
        "open": app.settings.open_sign_up,
        "template": template.map(|template| template.manifest.key.as_str()).unwrap_or_default(),
        "template_name": template.map(|template| template.manifest.name.as_str()).unwrap_or_default(),
    });
    Page::new("auth/sign_up", "Create your workspace", Frame::Auth, context)
}
