//! The one integration-test binary.

mod embedded;
mod expr;
mod field_types;
mod kit;
mod plan;
mod sign_in;
mod templates;
mod tidy;
