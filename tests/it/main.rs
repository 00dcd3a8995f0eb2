//! The one integration-test binary.

mod embedded;
mod expr;
mod field_types;
mod templates;
