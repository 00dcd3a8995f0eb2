//! Nobody adds a verb of their own.
//@ error: E0277

use trellis::access::{Verb, VerbType};

pub enum Everything {}

impl VerbType for Everything {
    const VERB: Verb = Verb::Read;
}
