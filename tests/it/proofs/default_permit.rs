//! Nor out of nothing.
//@ error: E0277

use trellis::access::{Permit, Read};

pub fn forge() -> Permit<Read> {
    needs_default()
}

fn needs_default<T: Default>() -> T {
    T::default()
}
