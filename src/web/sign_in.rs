//! Signing in and out.

use axum::extract::{FromRequestParts, State};
use axum::http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::input::{Pairs, Parameters, text};
use super::page::{Frame, Page};
use crate::http::{Address, AppState, ClientAddress, Problem, ProblemType, SignedIn, cookie};
use crate::identity::{self, Credentials, SessionKind, SessionToken, SignInError, Started};

/// The workspace in whose address a person signs in, if any.
pub(super) struct Addressed(Option<Address>);

impl<S: Sync> FromRequestParts<S> for Addressed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

/// `GET /signin`
pub(super) async fn form(query: Parameters) -> Result<Page, Problem> {
    page(text(&query.0, "next"), "", "")
}

/// `POST /signin`
pub(super) async fn sign_in(
    State(app): State<AppState>,
    client: ClientAddress,
    host: Addressed,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let (email, next) = (text(&pairs.0, "email").to_owned(), text(&pairs.0, "next").to_owned());
    let credentials = Credentials { email: email.clone(), password: text(&pairs.0, "password").to_owned() };
    let wanted = host.0.as_ref().map(|address| &*address.slug).or(workspace_of(&next));
    let mut started = attempt(&app, &credentials, wanted, client).await;
    if matches!(started, Err(SignInError::NotAMember)) {
        started = attempt(&app, &credentials, None, client).await;
    }
    match started {
        Ok(started) => Ok(entered(&app, &started.token, &after(&started, &next, &host))),
        Err(error) => refused(error.into(), |message| page(&next, &email, message)),
    }
}

/// `POST /signout`
pub(super) async fn sign_out(State(app): State<AppState>, who: SignedIn) -> Result<Response, Problem> {
    identity::sign_out(&app.identity, &who.session.hash).await?;
    let headers =
        [(SET_COOKIE, cookie::removal(&app.settings)), (LOCATION, HeaderValue::from_static("/signin"))];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn attempt(
    app: &AppState,
    credentials: &Credentials,
    workspace: Option<&str>,
    client: ClientAddress,
) -> Result<Started, SignInError> {
    identity::sign_in(&app.identity, credentials, SessionKind::Web, workspace, client.0).await
}

fn page(next: &str, email: &str, message: &str) -> Result<Page, Problem> {
    let context = json!({"next": local(next), "email": email, "message": message});
    Page::new("auth/sign_in", "Sign in", Frame::Auth, context)
}

/// Sets the cookie and goes on.
pub(super) fn entered(app: &AppState, token: &SessionToken, target: &str) -> Response {
    let target = HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/"));
    let headers = [(SET_COOKIE, cookie::session(&app.settings, token)), (LOCATION, target)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Draws a form again with what is wrong; faults of ours stay problems.
pub(super) fn refused(
    problem: Problem,
    draw: impl FnOnce(&str) -> Result<Page, Problem>,
) -> Result<Response, Problem> {
    let status = problem.kind.status();
    if status.is_server_error() {
        return Err(problem);
    }
    let wait = problem.retry_after.map(|wait| wait.as_secs().max(1));
    let title = problem.kind.title().to_owned();
    let message = match (&problem.detail, wait) {
        (_, Some(seconds)) => format!("There were too many attempts. Try again in {}.", span(seconds)),
        (Some(detail), None) => detail.clone(),
        (None, None) if problem.kind == ProblemType::SignInRefused => {
            "E-mail address or password is wrong.".to_owned()
        }
        (None, None) => title,
    };
    let mut response = draw(&message)?.with_status(status);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// "40 seconds", "5 minutes"
fn span(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Where a person who has just signed in goes: back, into the only workspace, or to the choice among several.
fn after(started: &Started, next: &str, host: &Addressed) -> String {
    let back = local(next);
    match &started.workspace {
        Some(slug) if host.0.as_ref().is_some_and(|address| *address.slug == **slug) => match back {
            "" => host.0.as_ref().map(|address| format!("{}/", address.base)).unwrap_or_default(),
            back => back.to_owned(),
        },
        Some(slug) if back.is_empty() || workspace_of(back).is_some_and(|wanted| wanted != slug) => {
            format!("/t/{slug}/")
        }
        Some(_) => back.to_owned(),
        None => "/account/workspaces".to_owned(),
    }
}

/// The workspace that a path leads into.
fn workspace_of(path: &str) -> Option<&str> {
    path.strip_prefix("/t/")?.split(['/', '?']).next().filter(|slug| !slug.is_empty())
}

/// A path of this site, or "" for everything else, such as an address of another one.
fn local(path: &str) -> &str {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours = path.starts_with('/') && !path.starts_with("//");
    if plain && ours { path } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_back_to_paths_of_this_site_only() {
        assert_eq!(local("/t/acme/m/deals?q=a"), "/t/acme/m/deals?q=a");
        for other in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb", "", "javascript:x"]
        {
            assert_eq!(local(other), "", "{other}");
        }
    }

    #[test]
    fn waits_are_told_in_words() {
        assert_eq!(span(1), "1 second");
        assert_eq!(span(40), "40 seconds");
        assert_eq!(span(500), "9 minutes");
    }
}
