//! Room.
pub mod role;
