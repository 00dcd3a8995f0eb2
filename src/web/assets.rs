//! The built front end inside the program: addresses by content, served compressed and cached for good.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rust_embed::{Embed, EmbeddedFile};

use crate::http::Path;

/// What `npm run build` wrote; empty when it never ran.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/ui/dist/"]
struct Dist;

/// The plain look that is always there.
const BASE_CSS: &str = include_str!("../../ui/base.css");
const BASE_NAME: &str = "base.css";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const RECHECK: HeaderValue = HeaderValue::from_static("no-cache");

/// Where assets live; the route is `{PREFIX}{*path}`.
pub const PREFIX: &str = "/assets/";

/// The address of a built file by its plain name (`app.css`, `app.js`, `icons.svg`, `favicon.svg`), or `None` when
/// the front end is not built in. `app.css` always has one: the plain stylesheet stands in.
pub fn asset_url(name: &str) -> Option<&'static str> {
    let urls = &catalogue().urls;
    urls.get(name).map(String::as_str)
}

/// `GET /assets/{*path}`: only names from the manifest, `.br` or `.gz` twin by `Accept-Encoding`, else 404.
pub async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if path == BASE_NAME {
        return ([(CONTENT_TYPE, content_type(BASE_NAME)), (CACHE_CONTROL, RECHECK)], BASE_CSS)
            .into_response();
    }
    if !catalogue().files.contains(&path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    match choose(&path, accepted) {
        Some((file, encoding)) => respond(&path, file, encoding, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Manifest turned round once: address by plain name, and the set of files that may be asked for.
struct Catalogue {
    urls: HashMap<String, String>,
    files: HashSet<String>,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let manifest = Dist::get("manifest.json").map(|file| file.data);
        Catalogue::read(manifest.as_deref().unwrap_or(b"{}"))
    })
}

impl Catalogue {
    /// Reads `{"app.css": "app.0123456789.css", …}`. A broken manifest counts as no front end, as an empty one does.
    fn read(manifest: &[u8]) -> Self {
        let named: HashMap<String, String> = serde_json::from_slice(manifest).unwrap_or_else(|error| {
            tracing::error!(%error, "reading ui/dist/manifest.json; pages will be plain");
            HashMap::new()
        });
        let mut urls: HashMap<_, _> =
            named.iter().map(|(name, file)| (name.clone(), format!("{PREFIX}{file}"))).collect();
        urls.entry("app.css".to_owned()).or_insert_with(|| format!("{PREFIX}{BASE_NAME}"));
        Self { urls, files: named.into_values().collect() }
    }
}

/// The smallest form of a file that the client takes: Brotli, then gzip, then as it is.
fn choose(path: &str, accepted: &str) -> Option<(EmbeddedFile, Option<HeaderValue>)> {
    for (coding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(accepted, coding)
            && let Some(file) = Dist::get(&format!("{path}.{suffix}"))
        {
            return Some((file, Some(HeaderValue::from_static(coding))));
        }
    }
    Dist::get(path).map(|file| (file, None))
}

/// Whether an `Accept-Encoding` value names `coding` with a weight above zero. `*` is not taken for Brotli or gzip:
/// clients that can read them say so.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        named && weight.is_ok_and(|weight| weight > 0.0)
    })
}

fn respond(path: &str, file: EmbeddedFile, encoding: Option<HeaderValue>, headers: &HeaderMap) -> Response {
    let etag = etag(&file.metadata.sha256_hash());
    let unchanged = headers.get(IF_NONE_MATCH).is_some_and(|seen| matches_etag(seen, &etag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(match file.data {
            Cow::Borrowed(bytes) => Body::from(Bytes::from_static(bytes)),
            Cow::Owned(bytes) => Body::from(bytes),
        })
    };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, FOREVER);
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        answer.insert(ETAG, value);
    }
    if !unchanged {
        answer.insert(CONTENT_TYPE, content_type(path));
        if let Some(encoding) = encoding {
            answer.insert(CONTENT_ENCODING, encoding);
        }
    }
    response
}

/// A strong tag of the bytes sent, so that each encoding has its own.
fn etag(hash: &[u8]) -> String {
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn matches_etag(seen: &HeaderValue, etag: &str) -> bool {
    seen.to_str().is_ok_and(|list| list.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag))
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_has_an_address_even_without_a_build() {
        let empty = Catalogue::read(b"{}");
        assert_eq!(empty.urls.get("app.css").map(String::as_str), Some("/assets/base.css"));
        assert!(empty.files.is_empty());
        let broken = Catalogue::read(b"not json");
        assert_eq!(broken.urls.len(), 1);
    }

    #[test]
    fn built_files_are_addressed_by_content() {
        let built = Catalogue::read(br#"{"app.css":"app.01.css","app.js":"app.02.js"}"#);
        assert_eq!(built.urls.get("app.css").map(String::as_str), Some("/assets/app.01.css"));
        assert!(built.files.contains("app.02.js"));
        assert!(!built.files.contains("manifest.json"));
    }

    #[test]
    fn accept_encoding_is_read_with_its_weights() {
        assert!(accepts("gzip, deflate, br;q=0.8", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("*", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("br;q=many", "br"));
    }

    #[tokio::test]
    async fn what_the_manifest_does_not_name_is_not_found() {
        for path in ["manifest.json", "../Cargo.toml", "app.css.br", ""] {
            let answer = serve(Path(path.to_owned()), HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn a_served_file_is_kept_for_good_and_known_again() {
        let base = serve(Path(BASE_NAME.to_owned()), HeaderMap::new()).await;
        assert_eq!(base.headers().get(CONTENT_TYPE), Some(&content_type("base.css")));
        let Some(path) = catalogue().files.iter().find(|file| file.ends_with(".css")) else {
            return;
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        let first = serve(Path(path.clone()), headers.clone()).await;
        assert_eq!(first.headers().get(CONTENT_ENCODING), Some(&HeaderValue::from_static("br")));
        assert_eq!(first.headers().get(CACHE_CONTROL), Some(&FOREVER));
        let tag = first.headers().get(ETAG).cloned().expect("a served file has a tag");
        headers.insert(IF_NONE_MATCH, tag);
        assert_eq!(serve(Path(path.clone()), headers).await.status(), StatusCode::NOT_MODIFIED);
    }
}
