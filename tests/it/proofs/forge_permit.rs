//! A permit is made by nobody but the actor.
//@ error[E0451]: fields `reach` and `verb` of struct `Permit` are private

use trellis::access::{Permit, Reach, Read};

pub fn forge() -> Permit<Read> {
    Permit { reach: Reach::All, verb: std::marker::PhantomData }
}
