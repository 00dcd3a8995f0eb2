//! A program that uses the API on behalf of a person.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;

use super::{Answer, App, Browser};

/// A client of the API: paths are those inside the person's workspace, or of the root for a stranger.
#[derive(Clone)]
pub struct Client {
    app: App,
    base: String,
    token: Option<String>,
    session: Value,
}

impl Client {
    pub(super) fn stranger(app: App) -> Self {
        Self { app, base: String::new(), token: None, session: Value::Null }
    }

    /// The same client with the session that sign-in, sign-up or refresh answered.
    pub fn with_session(&self, answer: &Value) -> Self {
        let token = answer["access_token"].as_str().expect("an access token").to_owned();
        let base = answer["workspace"].as_str().map_or(String::new(), |slug| format!("/t/{slug}"));
        Self { app: self.app.clone(), base, token: Some(token), session: answer.clone() }
    }

    /// The same person, asking at the root.
    pub fn at_root(&self) -> Self {
        Self { base: String::new(), ..self.clone() }
    }

    /// The same person with the same token, asking in another workspace.
    pub fn at(&self, slug: &str) -> Self {
        Self { base: format!("/t/{slug}"), ..self.clone() }
    }

    /// The same person with the same token, asking another node.
    pub fn through(&self, app: &App) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }

    /// The house.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The slug of the workspace.
    pub fn slug(&self) -> &str {
        self.session["workspace"].as_str().expect("a session with a workspace")
    }

    /// What sign-in answered: tokens, `user`, `workspaces`.
    pub fn session(&self) -> &Value {
        &self.session
    }

    /// The person's id.
    pub fn user(&self) -> &str {
        self.session["user"]["id"].as_str().expect("a session with a user")
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path), None).await
    }

    /// Creates or does.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path), Some(body)).await
    }

    /// Changes what has this version.
    pub async fn patch(&self, path: &str, version: i32, body: &Value) -> Answer {
        let request = self.request(Method::PATCH, path).header(header::IF_MATCH, tag(version));
        self.send(request, Some(body)).await
    }

    /// Deletes what has this version.
    pub async fn delete(&self, path: &str, version: i32) -> Answer {
        self.send(self.request(Method::DELETE, path).header(header::IF_MATCH, tag(version)), None).await
    }

    /// Changes what has no versions.
    pub async fn change(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path), Some(body)).await
    }

    /// Deletes what has no versions.
    pub async fn remove(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path), None).await
    }

    /// Sends a body as it is, with this content type.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, content_type);
        self.app.send(request.body(body.into()).expect("a request")).await
    }

    /// A request of this person, to be completed.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header(header::HOST, "crm.example");
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// The same person in a browser, signed in to the same workspace.
    pub async fn browser(&self) -> Browser {
        let email = self.session["user"]["email"].as_str().expect("a session with a user");
        Browser::signed_in(&self.app, email, self.session["workspace"].as_str()).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Option<&Value>) -> Answer {
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into())
            }
            None => request.body(Body::empty()),
        };
        self.app.send(request.expect("a request")).await
    }
}

fn tag(version: i32) -> String {
    format!("\"v{version}\"")
}
