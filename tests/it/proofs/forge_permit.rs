//! A permit is made by nobody but the actor.
//@ error[E0451]: fields `reach` and `verb` of struct `Permit` are private

use trellis::access::{Owners, Permit, Reach, Read};

pub fn forge() -> Permit<Read> {
    Permit { reach: Reach { owners: Owners::All, condition: None, shared: None }, verb: std::marker::PhantomData }
}
