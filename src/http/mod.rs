//! What API and pages share at the HTTP edge: who calls, from which address, within which limits, and in which form
//! faults leave. This room holds no resource and knows no module.

pub mod address;
pub mod caller;
pub mod client;
pub mod cookie;
pub mod csrf;
pub mod extract;
pub mod idempotency;
mod json;
pub mod layers;
pub mod limits;
pub mod metrics;
pub mod operations;
pub mod problem;
pub mod serve;
pub mod state;
pub mod upload;

pub use address::Address;
pub use caller::{Caller, SignedIn};
pub use client::ClientAddress;
pub use extract::{Form, Json, Path, Query};
pub use problem::{Fault, Problem, ProblemType};
pub use state::{App, AppState, HttpSettings};
