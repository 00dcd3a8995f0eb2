//! The test kit: a database of its own for every test, the whole house in-process, and people who use it.
//!
//! ```ignore
//! let app = App::start().await;
//! let owner = app.sign_up("Acme").await;                        // a person with a workspace of their own
//! let answer = owner.post("/api/v1/records/contacts", &json!({"data": {"name": "Ana"}})).await;
//! answer.expect(201);
//! let worker = app.member(&owner, "worker").await;              // somebody else in the same workspace
//! worker.get("/api/v1/me").await.expect(200);
//! let browser = owner.browser().await;                          // the same person in a browser, with a cookie
//! browser.get("/m/contacts").await.expect(200);
//! ```

mod answer;
mod app;
mod browser;
mod client;
mod database;
mod fingerprint;
mod process;
mod twins;

pub use answer::Answer;
pub use app::{App, PASSWORD};
pub use browser::Browser;
pub use client::Client;
pub use database::Database;
pub use fingerprint::fingerprint;
pub use process::Process;
pub use twins::Twins;
