//! The one integration-test binary.

mod catalogue;
mod coverage;
mod embedded;
mod expr;
mod field_types;
mod import;
mod isolation;
mod kit;
mod plan;
mod proofs;
mod records;
mod roles;
mod serve;
mod sign_in;
mod templates;
mod tidy;
mod web;
