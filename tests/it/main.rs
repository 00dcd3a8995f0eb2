//! The one integration-test binary.

mod catalogue;
mod embedded;
mod expr;
mod field_types;
mod import;
mod isolation;
mod kit;
mod plan;
mod records;
mod serve;
mod sign_in;
mod templates;
mod tidy;
mod web;
