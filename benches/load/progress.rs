//! What the benchmark says while it works, on standard error, with the seconds since its start.

use std::sync::OnceLock;
use std::time::Instant;

/// Says what happens now.
pub fn say(text: &str) {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    eprintln!("[{:>4} s] {text}", start.elapsed().as_secs());
}
