//! An entry into a tenant is made of a session's row.
//@ error[E0451]: fields `tenant`, `user`, `session` and `channel` of struct `trellis::work::Entry` are private

use trellis::id::{TenantId, UserId};
use trellis::work::{Channel, Entry};

pub fn enter(tenant: TenantId, user: UserId) -> Entry {
    Entry { tenant, user, session: None, channel: Channel::Cli }
}
