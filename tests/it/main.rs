//! The one integration-test binary.

mod catalogue;
mod coverage;
mod embedded;
mod expr;
mod field_types;
mod isolation;
mod kit;
mod proofs;
mod roles;
mod serve;
mod sign_in;
mod templates;
mod tidy;
mod web;
