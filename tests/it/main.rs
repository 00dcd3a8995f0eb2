//! The one integration-test binary.

mod catalogue;
mod embedded;
mod expr;
mod field_types;
mod isolation;
mod kit;
mod sign_in;
mod templates;
mod tidy;
