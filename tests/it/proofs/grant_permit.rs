//! Nor by the function that the actor uses.
//@ error[E0624]: associated function `grant` is private

use trellis::access::{Owners, Permit, Reach, Read};

pub fn forge() -> Permit<Read> {
    Permit::grant(Reach { owners: Owners::All, condition: None, shared: None })
}
