//! The expression language: pure, typed, total, bounded. Conditions, filters and titles are written in it.
//! This room never does I/O; translation to SQL lives with the query planner (`record/translate`).

mod check;
mod evaluate;
mod fold;
mod function;
mod json;
mod lex;
mod moment;
mod no_fields;
mod node;
mod number;
mod parse;
mod print;
mod problem;
mod syntax;
mod value;

pub use check::{Scope, check};
pub use evaluate::{Env, OutOfFuel, constant, evaluate};
pub use fold::fold;
pub use function::{Definition, Function, Unit, functions};
pub use no_fields::NoFields;
pub use node::{Checked, Comparison, Node, Step};
pub use number::{DECIMALS, MAGNITUDE};
pub use parse::parse;
pub use problem::Problem;
pub use syntax::{Expr, Factor, Sign};
pub use value::{Type, Value};

/// Parses and checks a condition: an expression that is true or false.
///
/// # Errors
/// All problems of the source, or that its value is something else.
pub fn condition(source: &str, scope: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    check::check_condition(&parse(source)?, scope)
}

/// Parses and checks an expression whose value is a text, such as a record's title.
///
/// # Errors
/// All problems of the source, or that its value is something else.
pub fn text(source: &str, scope: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    check::check_text(&parse(source)?, scope)
}
