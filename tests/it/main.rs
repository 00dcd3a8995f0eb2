//! The one integration-test binary.

mod embedded;
mod expr;
mod field_types;
mod kit;
mod records;
mod sign_in;
mod templates;
mod tidy;
