//! What forms and addresses send, as pairs in their order.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::http::{Form, Problem, Query};
use crate::view::Typed;

/// The pairs of a form.
pub(super) type Pairs = Form<Vec<(String, String)>>;
/// The parameters of an address.
pub(super) type Parameters = Query<Vec<(String, String)>>;

/// The first value of a name; "" where there is none.
pub(super) fn text<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

/// Every value of a name, in order.
pub(super) fn texts(pairs: &[(String, String)], name: &str) -> Vec<String> {
    pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

/// Values by name.
pub(super) fn typed(pairs: Vec<(String, String)>) -> Typed {
    let mut typed = Typed::new();
    for (name, value) in pairs {
        typed.entry(name).or_default().push(value);
    }
    typed
}

/// Whether the request wants a region rather than a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Partial(pub(super) bool);

/// What scripts put on every partial request.
pub(super) const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");

impl Partial {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get(HX_REQUEST).is_some_and(|value| value == "true"))
    }
}

impl<S: Sync> FromRequestParts<S> for Partial {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(&parts.headers))
    }
}
