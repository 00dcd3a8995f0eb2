//! A tenant's id is not made of what somebody sent.
//@ error[E0423]: cannot initialize a tuple struct which contains private fields

use trellis::id::{RecordId, TenantId};

pub fn forge() -> TenantId {
    TenantId(RecordId::new().0)
}
