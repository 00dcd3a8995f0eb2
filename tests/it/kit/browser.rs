//! A person at a browser without JavaScript: pages, forms and a cookie jar.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::{Method, Request, header};
use trellis::http::cookie;
use trellis::identity::{self, Credentials, SessionKind};

use super::{Answer, App, PASSWORD};

/// A browser: paths are those of the person's workspace, or of the root for a stranger.
pub struct Browser {
    app: App,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser without cookies, at the root.
    pub fn stranger(app: &App) -> Self {
        Self { app: app.clone(), base: String::new(), cookies: Mutex::default() }
    }

    pub(super) async fn signed_in(app: &App, email: &str, workspace: Option<&str>) -> Self {
        let credentials = Credentials { email: email.to_owned(), password: PASSWORD.to_owned() };
        let state = app.state();
        let started =
            identity::sign_in(&state.identity, &credentials, SessionKind::Web, workspace, None).await;
        let started = started.expect("the person signs in");
        let base = workspace.map_or(String::new(), |slug| format!("/t/{slug}"));
        let browser = Self { base, ..Self::stranger(app) };
        browser.keep(cookie::session(&state.settings, &started.token).to_str().expect("ASCII"));
        browser
    }

    /// The same person with the same cookies, in another workspace.
    pub fn at(&self, slug: &str) -> Self {
        let cookies = self.cookies.lock().expect("nobody else panicked").clone();
        Self { app: self.app.clone(), base: format!("/t/{slug}"), cookies: Mutex::new(cookies) }
    }

    /// The same person with the same cookies, at the root.
    pub fn at_root(&self) -> Self {
        Self { base: String::new(), ..self.at("") }
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// Submits a form from a page of the same site.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = serde_html_form::to_string(fields).expect("a form");
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// A request with the browser's cookies, to be completed and sent by [`Browser::send`].
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies = self.cookies.lock().expect("nobody else panicked");
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        request.header(header::HOST, "crm.example").header(header::COOKIE, pairs.join("; "))
    }

    /// Sends a request and keeps the cookies that come back.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.app.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("ASCII"));
        }
        answer
    }

    fn keep(&self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
        let mut cookies = self.cookies.lock().expect("nobody else panicked");
        match value {
            "" => cookies.remove(name),
            value => cookies.insert(name.to_owned(), value.to_owned()),
        };
    }
}
