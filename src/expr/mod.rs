//! The expression language: pure, typed, total, bounded. Conditions, filters and titles are written in it.
//! This room never does I/O; translation to SQL lives with the query planner (`record/sql.rs`).

mod fold;
mod value;

pub use fold::fold;
pub use value::{Type, Value};
