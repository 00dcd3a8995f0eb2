//! The one integration-test binary.

mod apply;
mod catalogue;
mod concurrency;
mod coverage;
mod embedded;
mod expr;
mod field_types;
mod filters;
mod hostile;
mod import;
mod isolation;
mod kit;
mod openapi;
mod paging;
mod pipelines;
mod plan;
mod proofs;
mod records;
mod roles;
mod serve;
mod sign_in;
mod templates;
mod tidy;
mod versions;
mod web;
