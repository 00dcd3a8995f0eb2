//! The one integration-test binary.

mod embedded;
mod expr;
mod templates;
