//! Nor from a text.
//@ error: E0277

use trellis::id::TenantId;

pub fn parse(text: &str) -> Option<TenantId> {
    text.parse().ok()
}
