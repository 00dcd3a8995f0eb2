//! Nor is a fresh one made outside the room of tenants.
//@ error[E0624]: associated function `for_new_tenant` is private

use trellis::id::TenantId;

pub fn forge() -> TenantId {
    TenantId::for_new_tenant()
}
