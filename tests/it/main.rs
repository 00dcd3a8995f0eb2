//! The one integration-test binary.

mod embedded;
