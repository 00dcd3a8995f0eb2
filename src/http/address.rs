//! Which workspace a request is addressed to. `{slug}.{root}/tail` and `{root}/t/{slug}/tail` are the same address:
//! both reach the tenant router as `/tail`, with the slug as an [`Address`] beside it. Everything else belongs to the
//! root router.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Uri, header};
use axum::response::Response;
use tower::{Service, ServiceExt};

/// Paths that mean the same on every host.
const SHARED: &[&str] = &["/assets/", "/healthz", "/readyz"];

/// The workspace that a request names, and how; whether the caller may enter it is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The slug, as written in the address.
    pub slug: Arc<str>,
    /// What every link inside the workspace begins with: `/t/{slug}`, or nothing where the host names it.
    pub base: Arc<str>,
}

/// One router in front of two: that of the workspaces and that of the root.
pub fn dispatch(root: Router, tenant: Router, root_domain: Option<&str>) -> Router {
    let suffix = root_domain.map(|domain| format!(".{domain}").into());
    Router::new().fallback_service(Dispatch { root, tenant, suffix })
}

#[derive(Clone)]
struct Dispatch {
    root: Router,
    tenant: Router,
    suffix: Option<Arc<str>>,
}

impl Service<Request> for Dispatch {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let router = match address(&request, self.suffix.as_deref()) {
            None => self.root.clone(),
            Some((address, tail)) => {
                *request.uri_mut() = with_path(request.uri(), tail);
                request.extensions_mut().insert(address);
                self.tenant.clone()
            }
        };
        Box::pin(router.oneshot(request))
    }
}

/// The workspace named by host or path, and the rest of the path.
fn address(request: &Request, suffix: Option<&str>) -> Option<(Address, String)> {
    let path = request.uri().path();
    if let Some(slug) = suffix.and_then(|suffix| host(request)?.strip_suffix(suffix).map(str::to_owned)) {
        let shared = SHARED.iter().any(|prefix| path.starts_with(prefix));
        let named = !slug.is_empty() && slug != "www" && !shared;
        return named.then(|| (Address { slug: slug.into(), base: "".into() }, path.to_owned()));
    }
    let rest = path.strip_prefix("/t/")?;
    let (slug, tail) = rest.split_once('/').unwrap_or((rest, ""));
    let base = format!("/t/{slug}").into();
    (!slug.is_empty()).then(|| (Address { slug: slug.into(), base }, format!("/{tail}")))
}

/// The host in lower case, without a port.
fn host(request: &Request) -> Option<String> {
    let named = request.uri().host().or_else(|| request.headers().get(header::HOST)?.to_str().ok())?;
    let host = named.rsplit_once(':').map_or(named, |(host, _)| host);
    Some(host.to_ascii_lowercase())
}

fn with_path(uri: &Uri, path: String) -> Uri {
    let path = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    if let Ok(path) = PathAndQuery::try_from(path) {
        parts.path_and_query = Some(path);
    }
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(host: &str, path: &str) -> Option<(String, String, String)> {
        let request = Request::builder().uri(path).header("host", host).body(Body::empty());
        let request = request.expect("a request");
        let (address, tail) = address(&request, Some(".crm.example"))?;
        Some((address.slug.to_string(), address.base.to_string(), tail))
    }

    #[test]
    fn host_and_path_name_the_same_workspace_with_the_same_tail() {
        let by_host = found("Acme.crm.example:8080", "/m/deals").expect("a workspace");
        assert_eq!(by_host, ("acme".into(), "".into(), "/m/deals".into()));
        let by_path = found("crm.example", "/t/acme/m/deals").expect("a workspace");
        assert_eq!(by_path, ("acme".into(), "/t/acme".into(), "/m/deals".into()));
        assert_eq!(found("crm.example", "/t/acme").expect("a workspace").2, "/");
    }

    #[test]
    fn everything_else_belongs_to_the_root() {
        for (host, path) in [
            ("crm.example", "/"),
            ("crm.example", "/t/"),
            ("crm.example", "/signin"),
            ("www.crm.example", "/"),
            ("acme.crm.example", "/assets/app.css"),
            ("acme.other.example", "/"),
        ] {
            assert_eq!(found(host, path), None, "{host}{path}");
        }
    }
}
