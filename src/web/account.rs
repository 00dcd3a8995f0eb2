//! The choice among a person's workspaces.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::input::{Pairs, text};
use super::page::{Frame, Page};
use super::sign_in::entered;
use crate::http::{AppState, Problem, SignedIn};
use crate::identity;

/// `GET /account/workspaces`
pub(super) async fn choose(State(app): State<AppState>, who: SignedIn) -> Result<Page, Problem> {
    let current = who.session.tenant.as_ref().map(|tenant| tenant.slug.as_str());
    let all = identity::workspaces_of(&app.identity, who.session.user.id).await?;
    let workspaces: Vec<Value> = all
        .iter()
        .map(|workspace| {
            json!({
                "slug": workspace.slug,
                "name": workspace.name,
                "current": current == Some(&workspace.slug),
                "initial": workspace.name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
            })
        })
        .collect();
    let context = json!({"workspaces": workspaces, "email": who.session.user.email});
    Page::new("workspaces", "Your workspaces", Frame::Public { signed_in: true }, context)
}

/// `POST /account/workspaces`: binds the session to one of them.
pub(super) async fn enter(
    State(app): State<AppState>,
    who: SignedIn,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let slug = text(&pairs.0, "slug");
    let token = identity::switch_tenant(&app.identity, &who.session, slug).await?;
    Ok(entered(&app, &token, &format!("/t/{slug}/")))
}
