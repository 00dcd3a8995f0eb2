//! Cursors: opaque, signed, and complete in themselves. A cursor carries its query, so that it can go on alone.

use serde::{Deserialize, Serialize};

use super::query::RawListQuery;
use crate::id::{RecordId, TenantId};
use crate::identity::SigningKeys;

/// Where a page begins, and of which query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The query's texts.
    #[serde(flatten)]
    pub(super) query: CursorQuery,
    /// Where it stands.
    #[serde(flatten)]
    pub(super) position: Position,
}

/// What a cursor keeps of its query, with short names because it travels in addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CursorQuery {
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<String>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub(super) q: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) sort: Option<String>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) view: Option<String>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) fields: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(super) expand: Option<String>,
}

/// A place between two records of a sorted list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Whether the page lies before this place.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) backwards: bool,
    /// Sort keys of the record at this place, as PostgreSQL prints them.
    #[serde(rename = "k")]
    pub(super) keys: Vec<Option<String>>,
    /// That record.
    #[serde(rename = "i")]
    pub(super) id: RecordId,
}

impl CursorQuery {
    pub(super) fn of(raw: &RawListQuery) -> Self {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Self {
            filter: text(&raw.filter),
            q: text(&raw.q),
            sort: text(&raw.sort),
            view: text(&raw.view),
            fields: text(&raw.fields),
            expand: text(&raw.expand),
        }
    }
}

/// A cursor is good for one module of one tenant.
fn purpose(tenant: TenantId, module: &str) -> String {
    format!("list-cursor/{tenant}/{module}")
}

/// The cursor's text.
pub(super) fn seal(keys: &SigningKeys, tenant: TenantId, module: &str, cursor: &Cursor) -> Option<String> {
    let payload = serde_json::to_vec(cursor).ok()?;
    Some(keys.seal(&purpose(tenant, module), &payload))
}

/// The cursor of a text; None when it was not sealed here for this module.
pub(super) fn open(keys: &SigningKeys, tenant: TenantId, module: &str, text: &str) -> Option<Cursor> {
    serde_json::from_slice(&keys.open(&purpose(tenant, module), text)?).ok()
}
