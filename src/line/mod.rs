//! Lines of a sale: what a quantity at a price comes to, with discount and tax, exactly. There is one rounding rule,
//! [`round`]. This room never does I/O, knows no JSON, and never uses floats.

mod arithmetic;

pub use arithmetic::{Discount, LIMIT, LineSums, Refusal, Terms, Totals, least, round};
