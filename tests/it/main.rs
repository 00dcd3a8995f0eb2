//! The one integration-test binary.

mod field_types;
