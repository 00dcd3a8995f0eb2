//! SQL that is put together at run time comes from the planner.
//@ error[E0624]: associated function `planned` is private

use trellis::db::DynamicSql;

pub fn inject(text: String) -> DynamicSql {
    DynamicSql::planned(text, false)
}
