//! What follows from the stages of records: the way each has come, with the names that stages had then, and the kept
//! totals that boards show. Written in the transaction of the change.

mod history;
mod relocate;
mod store;
mod totals;

pub use history::{Course, Passage, Possible, course};
pub use relocate::{held, relocate};
pub use totals::{Difference, Sum, check, repair};

pub(super) use history::{entered, moved};
pub(super) use store::sum;
pub(super) use totals::{Holding, changed, kept};
