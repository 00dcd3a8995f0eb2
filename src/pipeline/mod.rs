//! Pipelines and their stages, as declared and as records carry them, with the gates between stages. This room never
//! does I/O and evaluates nothing.

mod check;
mod definition;

pub use check::{Around, Fault, check};
pub use definition::{LostReason, PipelineDefinition, Reopen, Stage, StageCategory};
