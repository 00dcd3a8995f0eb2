//! Conditions, validation rules and derived values of modules: checked as a whole when a schema changes, compiled once
//! for each version. This room's part never reads a record.

mod check;
mod compile;
mod graph;
mod plan;
mod scope;

pub use check::{RuleFault, check};
pub use compile::{CompiledFormula, CompiledValidation, FieldConditions, Rules};
pub use graph::followers;
pub use plan::{LookupPlan, Plans, RollupPlan};
pub use scope::{PAST, Shape};

pub(super) use compile::compile;
