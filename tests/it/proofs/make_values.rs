//! Values that have passed every check are made by the checks.
//@ error[E0603]: module `values` is private

use trellis::record::values::Values;

pub fn pass(values: Values) -> Values {
    values
}
