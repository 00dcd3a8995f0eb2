//! Nor from a text.
//@ error[E0277]: the trait bound `TenantId: FromStr` is not satisfied

use trellis::id::TenantId;

pub fn parse(text: &str) -> Option<TenantId> {
    text.parse().ok()
}
