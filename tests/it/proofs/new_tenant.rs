//! Nor is a fresh one made outside the room of tenants.
//@ error: E0624

use trellis::id::TenantId;

pub fn forge() -> TenantId {
    TenantId::for_new_tenant()
}
