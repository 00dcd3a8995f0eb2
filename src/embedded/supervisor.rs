//! Watches the server process as long as Trellis runs, starts it again when it dies, and stops it in the end.
//!
//! A thread, not a task: the server must outlive any one runtime, and dropping the handle must stop it.

use std::{
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{error::EmbeddedError, server::Server};

/// How often the process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Pause before the first restart; it doubles with each one that follows soon.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two restarts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A server that lived this long starts with a short pause again.
const STEADY: Duration = Duration::from_secs(60);

/// The watching thread. It owns the server; when told to stop, or when this value is dropped, it stops the server.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// Closing the channel is the order to stop.
    orders: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<(), EmbeddedError>>>,
}

impl Supervisor {
    /// Hands the server to a new thread.
    pub(super) fn start(server: Server) -> Result<Self, EmbeddedError> {
        let (orders, stop) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("postgres-supervisor".into())
            .spawn(move || watch(server, &stop))
            .map_err(|source| EmbeddedError::System { action: "start a thread", source })?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Stops the server and waits for its end; blocks. A second call does nothing.
    pub(super) fn stop(&mut self) -> Result<(), EmbeddedError> {
        drop(self.orders.take());
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|_| {
            let source = io::Error::other("the supervising thread panicked");
            Err(EmbeddedError::System { action: "stop PostgreSQL", source })
        })
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "PostgreSQL did not stop cleanly");
        }
    }
}

fn watch(mut server: Server, stop: &Receiver<()>) -> Result<(), EmbeddedError> {
    let mut pause = FIRST_PAUSE;
    let mut up_since = Instant::now();
    while !told_to_stop(stop, LOOK_EVERY) {
        if server.is_running() {
            continue;
        }
        if up_since.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        tracing::error!(
            log = server.log_tail(),
            pause_ms = pause.as_millis(),
            "PostgreSQL ended; restarting it"
        );
        if told_to_stop(stop, pause) {
            break;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
        up_since = Instant::now();
        if let Err(error) = server.relaunch() {
            tracing::error!(error = &error as &dyn std::error::Error, "PostgreSQL could not be restarted");
        }
    }
    server.stop()
}

/// Waits for the order to stop, at most so long.
fn told_to_stop(stop: &Receiver<()>, wait: Duration) -> bool {
    !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}
