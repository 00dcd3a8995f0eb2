//! Sends requests of one kind over so many connections for so long, and takes the time of each.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::client::Connection;
use super::random::Random;
use super::row::Fallible;
use super::work::{Doors, Work};

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answered {
    /// Requests that were carried out.
    pub count: u64,
    /// Changes that came second (412).
    pub conflicts: u64,
    /// Requests per second.
    pub rate: f64,
    /// Half were faster than this.
    pub p50: Duration,
    /// One in a hundred was slower than this.
    pub p99: Duration,
}

/// Sends requests for `length` over `connections`, a thread each.
pub fn send(
    address: SocketAddr,
    doors: &Doors,
    work: Work,
    connections: u64,
    length: Duration,
) -> Fallible<Answered> {
    let (stop, seed) = (AtomicBool::new(false), Random::of_now().bits());
    let start = Instant::now();
    let done = std::thread::scope(|scope| {
        let sender = |number: u64| {
            let stop = &stop;
            scope.spawn(move || one(address, doors, work, stop, Random::new(seed ^ number)))
        };
        let senders: Vec<_> = (0..connections).map(sender).collect();
        std::thread::sleep(length);
        stop.store(true, Ordering::Relaxed);
        let joined = senders.into_iter().map(|sender| sender.join().map_err(|_| "a sender panicked")?);
        joined.collect::<Fallible<Vec<_>>>()
    })?;
    let elapsed = start.elapsed();
    let conflicts = done.iter().map(|(_, conflicts)| conflicts).sum();
    let mut times: Vec<Duration> = done.into_iter().flat_map(|(times, _)| times).collect();
    times.sort_unstable();
    let count = times.len() as u64;
    Ok(Answered {
        count,
        conflicts,
        rate: count as f64 / elapsed.as_secs_f64(),
        p50: percentile(&times, 50),
        p99: percentile(&times, 99),
    })
}

fn one(
    address: SocketAddr,
    doors: &Doors,
    work: Work,
    stop: &AtomicBool,
    mut random: Random,
) -> Fallible<(Vec<Duration>, u64)> {
    let mut connection = Connection::open(address)?;
    let (mut times, mut conflicts) = (Vec::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        match doors.carry_out(work, &mut connection, &mut random)? {
            true => times.push(start.elapsed()),
            false => conflicts += 1,
        }
    }
    Ok((times, conflicts))
}

/// The time that so many per cent of sorted times do not exceed; nothing for no times.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}
