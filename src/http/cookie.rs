//! The one cookie of the pages: a session's token.

use axum::http::{HeaderMap, HeaderValue, header};

use super::state::HttpSettings;
use crate::identity::SessionToken;

/// Seconds that the browser keeps it; the session itself may end earlier.
const MAX_AGE: u32 = 90 * 24 * 60 * 60;

/// The cookie's name: browsers refuse a `__Host-` cookie that is not secure or that another host has set.
pub fn name(settings: &HttpSettings) -> &'static str {
    match settings.secure_cookies {
        true => "__Host-trellis",
        false => "trellis",
    }
}

/// The `Set-Cookie` value that carries a session's token.
pub fn session(settings: &HttpSettings, token: &SessionToken) -> HeaderValue {
    value(settings, &token.text(), MAX_AGE)
}

/// The `Set-Cookie` value that removes the cookie.
pub fn removal(settings: &HttpSettings) -> HeaderValue {
    value(settings, "", 0)
}

/// The token in a request's cookies.
pub(super) fn token(settings: &HttpSettings, headers: &HeaderMap) -> Option<SessionToken> {
    let name = name(settings);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .find_map(|(_, value)| SessionToken::parse(value))
}

fn value(settings: &HttpSettings, text: &str, max_age: u32) -> HeaderValue {
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    let cookie =
        format!("{}={text}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", name(settings));
    match HeaderValue::try_from(cookie) {
        Ok(value) => value,
        Err(error) => unreachable!("a token's text is plain ASCII: {error}"),
    }
}
