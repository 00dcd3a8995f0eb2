//! The server-rendered pages.

/// The built front end: addresses and serving.
pub mod assets;
