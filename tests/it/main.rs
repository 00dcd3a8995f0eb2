//! The integration tests, one binary.
mod templates;
