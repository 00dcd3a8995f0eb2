//! A tenant's id is never read from a body, a query or a path.
//@ error: E0277

use trellis::id::TenantId;

pub fn read(body: &str) -> Option<TenantId> {
    serde_json::from_str(body).ok()
}
