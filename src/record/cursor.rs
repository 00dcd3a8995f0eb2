//! Cursors: opaque, signed, and complete in themselves. A cursor carries its query, so that it can go on alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::query::RawListQuery;
use crate::id::{RecordId, TenantId};

/// The secret that signs cursors.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

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
        Self { filter: text(&raw.filter), q: text(&raw.q), sort: text(&raw.sort), view: text(&raw.view) }
    }
}

impl CursorKey {
    /// A key from the installation's secret.
    pub fn from_secret(secret: &[u8]) -> Option<Self> {
        let mut mac = Hmac::new_from_slice(secret).ok()?;
        mac.update(b"trellis list cursor 1");
        Some(Self(mac))
    }

    fn mac(&self, tenant: TenantId, module: &str, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [tenant.as_uuid().as_bytes().as_slice(), module.as_bytes(), payload] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }

    /// The cursor's text, good for one module of one tenant.
    pub(super) fn seal(&self, tenant: TenantId, module: &str, cursor: &Cursor) -> Option<String> {
        let payload = serde_json::to_vec(cursor).ok()?;
        let tag = self.mac(tenant, module, &payload).finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([&tag[..16], &payload].concat()))
    }

    /// The cursor of a text; None when it was not sealed here for this module.
    pub(super) fn open(&self, tenant: TenantId, module: &str, text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, payload) = bytes.split_at_checked(16)?;
        self.mac(tenant, module, payload).verify_truncated_left(tag).ok()?;
        serde_json::from_slice(payload).ok()
    }
}
