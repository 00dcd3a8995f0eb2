//! Nobody makes an actor, least of all an owner.
//@ error: E0624

use trellis::access::Actor;
use trellis::id::UserId;

pub fn promote() -> Actor {
    Actor::member(UserId::new(), String::new(), String::new(), true, None)
}
