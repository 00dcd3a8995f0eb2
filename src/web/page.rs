//! A page: what a handler answers with. It rides in the response's extensions until the layer renders it.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::shell::Shell;
use crate::http::Problem;

/// What surrounds a page.
#[derive(Clone, Debug)]
pub enum Frame {
    /// The workspace: sidebar, top bar, bottom bar.
    Workspace(Box<Shell>),
    /// The installation's own pages: a header and the page. Whether somebody has signed in.
    Public {
        /// Somebody has signed in.
        signed_in: bool,
    },
    /// The ways in: one form and quiet words beside it.
    Auth,
}

/// A page about to be rendered.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its file under `html/pages`, without the ending; also what a partial request gets.
    pub name: &'static str,
    /// The title, equal to its `h1`.
    pub title: String,
    /// What surrounds it.
    pub frame: Frame,
    /// What it shows.
    pub context: Value,
    /// What is said to people who cannot see it change.
    pub live: Option<String>,
}

impl Page {
    /// A page that shows `context`.
    pub fn new(
        name: &'static str,
        title: impl Into<String>,
        frame: Frame,
        context: impl Serialize,
    ) -> Result<Self, Problem> {
        let context = serde_json::to_value(context).map_err(Problem::internal)?;
        Ok(Self { name, title: title.into(), frame, context, live: None })
    }

    /// Says something politely to people who cannot see it change.
    pub fn saying(self, live: impl Into<String>) -> Self {
        Self { live: Some(live.into()), ..self }
    }

    /// The page with another status than 200.
    pub fn with_status(self, status: StatusCode) -> Response {
        (status, self).into_response()
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
