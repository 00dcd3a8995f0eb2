//! Guards the pages against forms on other sites, and is the only way in which a request's cookies come to count.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use super::state::HttpSettings;
use super::{AppState, Problem, ProblemType};

/// The proof that this layer let the request through. Without it cookies are not looked at, so they never count on the
/// API, nor on a page that was forgotten here.
#[derive(Clone, Copy, Debug)]
pub(super) struct CookiesCount(());

/// The layer for routers of pages. Unsafe methods must come from a page of the same origin: by `Sec-Fetch-Site`, which
/// every browser sends today, else by `Origin`. A request without either comes from no browser.
pub async fn guard(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    if !request.method().is_safe() && !same_origin(request.headers(), &app.settings) {
        return Problem::new(ProblemType::CrossSite).into_response();
    }
    request.extensions_mut().insert(CookiesCount(()));
    next.run(request).await
}

fn same_origin(headers: &HeaderMap, settings: &HttpSettings) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let Ok(origin) = Url::parse(origin) else { return false };
            origin.origin() == settings.root_url.origin()
                || text(header::HOST.as_str()).is_some_and(|host| authority(&origin).as_deref() == Some(host))
        }
    }
}

/// Host and port as a `Host` header has them.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
