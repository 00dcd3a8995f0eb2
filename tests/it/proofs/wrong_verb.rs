//! A permit to read is no permit to create.
//@ error[E0308]: `?` operator has incompatible types: expected `Permit<Create>`, found `Permit<Read>`

use trellis::access::{Actor, Create, Denied, Permit, Read};

pub fn create(_: &Permit<Create>) {}

pub fn confuse(actor: &Actor) -> Result<(), Denied> {
    create(&actor.permit::<Read>("deals")?);
    Ok(())
}
