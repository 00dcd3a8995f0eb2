//! The one integration-test binary.

mod apply;
mod concurrency;
mod embedded;
mod expr;
mod field_types;
mod filters;
mod hostile;
mod kit;
mod openapi;
mod paging;
mod records;
mod sign_in;
mod templates;
mod tidy;
mod versions;
