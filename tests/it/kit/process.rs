//! `trellis serve` as a process of its own, for what one process cannot show.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::Database;

/// A server process; it is killed with this value.
pub struct Process {
    child: Child,
    address: String,
    agent: ureq::Agent,
    token: Option<String>,
}

impl Process {
    /// Starts the program on a database, and waits until it listens.
    pub fn serve(database: &Database) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listen = free.local_addr().expect("a bound socket").to_string();
        drop(free);
        let mut child = Command::new(env!("CARGO_BIN_EXE_trellis"))
            .args(["serve", "--listen", &listen, "--rate-limit", "0"])
            .env("TRELLIS_DATABASE_URL", database.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let listens =
            output.by_ref().map_while(Result::ok).any(|line| line.starts_with("Trellis listens on"));
        assert!(listens, "the server ended before it listened");
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { child, address: format!("http://{listen}"), agent, token: None }
    }

    /// Whoever asks from now on has this access token.
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(format!("Bearer {token}"));
        self
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads; status and body.
    pub fn get(&self, path: &str) -> (u16, Value) {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        read(request.call())
    }

    /// Creates or does; status and body.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        read(request.send_json(body))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut answer = answer.expect("an answer");
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default())
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
