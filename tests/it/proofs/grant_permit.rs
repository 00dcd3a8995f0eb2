//! Nor by the function that the actor uses.
//@ error[E0624]: associated function `grant` is private

use trellis::access::{Permit, Reach, Read};

pub fn forge() -> Permit<Read> {
    Permit::grant(Reach::All)
}
