//! Room.
pub mod definition;
