//! Nobody makes an actor, least of all an owner.
//@ error[E0624]: associated function `member` is private

use trellis::access::{Actor, Standing};
use trellis::id::UserId;

pub fn promote() -> Actor {
    Actor::member(UserId::new(), String::new(), String::new(), true, None, Standing::default())
}
