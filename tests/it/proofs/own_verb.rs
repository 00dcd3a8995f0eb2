//! Nobody adds a verb of their own.
//@ error[E0277]: the trait bound `Everything: access::permit::sealed::Sealed` is not satisfied

use trellis::access::{Verb, VerbType};

pub enum Everything {}

impl VerbType for Everything {
    const VERB: Verb = Verb::Read;
}
