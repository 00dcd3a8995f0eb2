//! Nor out of nothing.
//@ error[E0277]: the trait bound `Permit<trellis::access::Read>: Default` is not satisfied

use trellis::access::{Permit, Read};

pub fn forge() -> Permit<Read> {
    needs_default()
}

fn needs_default<T: Default>() -> T {
    T::default()
}
