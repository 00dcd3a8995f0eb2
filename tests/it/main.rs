//! The one integration-test binary.

mod embedded;
mod expr;
mod field_types;
mod import;
mod kit;
mod sign_in;
mod templates;
mod tidy;
