//! Signing up, in and out; what a session may do, and how it ends.

mod access;
mod edge;
mod hostile;
mod passwords;
mod sessions;
mod workspaces;
