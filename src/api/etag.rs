//! Versions as entity tags (RFC 9110 §8.8.3): `"v7"`.

use axum::http::{HeaderMap, header};

use crate::http::{Problem, ProblemType};

/// The tag of a version.
pub fn of(version: i32) -> String {
    format!("\"v{version}\"")
}

/// Whether the caller already has this version (`If-None-Match`).
pub fn is_unchanged(headers: &HeaderMap, version: i32) -> bool {
    let given = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let matches = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == of(version);
    given.is_some_and(|tags| tags.split(',').map(str::trim).any(matches))
}

/// The version that the caller has seen (`If-Match`); None for `*`. Without the header the request is refused with 428.
pub fn required(headers: &HeaderMap) -> Result<Option<i32>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(ProblemType::PreconditionRequired)
            .with_detail("Send the version that you have seen in If-Match, such as \"v7\"."));
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix("\"v").and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    // A tag that was never given out matches no version.
    Ok(Some(version.unwrap_or(-1)))
}
