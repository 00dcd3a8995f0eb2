//! Gathers what was measured, and prints it as tables.

use std::time::Duration;

use super::load::Answered;
use super::usage::Usage;
use super::work::Work;

/// One measurement of one kind at one number of connections, both sides.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// What Trellis answered.
    pub answered: Answered,
    /// What that used.
    pub usage: Usage,
    /// pgbench's transactions per second with all statements prepared.
    pub prepared: f64,
    /// What those used, and how many there were.
    pub prepared_usage: (Usage, f64),
    /// The same with no statement prepared, where Trellis does not prepare all.
    pub unprepared: Option<f64>,
}

/// All measurements of one kind at one number of connections.
#[derive(Debug)]
pub struct Line {
    /// The kind.
    pub work: Work,
    /// Connections.
    pub connections: u64,
    /// One measurement per round.
    pub rounds: Vec<Measured>,
}

impl Line {
    fn median(&self, value: impl Fn(&Measured) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        let (low, high) = (values.get((values.len().max(1) - 1) / 2), values.get(values.len() / 2));
        low.zip(high).map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
    }

    fn print(&self) {
        let per_request = |used: fn(&Usage) -> Duration| {
            self.median(|round| micros(used(&round.usage)) / round.answered.count.max(1) as f64)
        };
        let limit =
            self.median(|round| micros(round.prepared_usage.0.postgres) / round.prepared_usage.1.max(1.0));
        let ratios: Vec<f64> = self.rounds.iter().map(|round| round.answered.rate / round.prepared).collect();
        let unprepared = match self.rounds.iter().all(|round| round.unprepared.is_some()) {
            true => {
                let ratio = |round: &Measured| round.answered.rate / round.unprepared.unwrap_or(f64::NAN);
                format!("{:.2}", self.median(ratio))
            }
            false => "".to_owned(),
        };
        println!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} | {limit:.0} | **{:.2}** ({:.2}–{:.2}) | {unprepared} |",
            self.work.name(),
            self.connections,
            self.median(|round| round.answered.rate),
            self.median(|round| millis(round.answered.p50)),
            self.median(|round| millis(round.answered.p99)),
            per_request(|usage| usage.trellis),
            per_request(|usage| usage.postgres),
            self.median(|round| round.prepared),
            self.median(|round| round.answered.rate / round.prepared),
            ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratios.iter().copied().fold(0.0, f64::max),
        );
    }
}

/// Prints the table of requests.
pub fn print_requests(lines: &[Line]) {
    println!(
        "| request | connections | requests/s | p50 ms | p99 ms | CPU µs trellis | CPU µs PostgreSQL | pgbench tx/s | CPU µs PostgreSQL, pgbench | requests/s ÷ tx/s (rounds) | … ÷ tx/s unprepared |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    lines.iter().for_each(Line::print);
    let conflicts: u64 =
        lines.iter().flat_map(|line| &line.rounds).map(|round| round.answered.conflicts).sum();
    println!("\nChanges that came second and were refused (412), not counted above: {conflicts}.");
}

/// What others than both sides used of the machine while it was measured, in per cent of one processor.
pub fn noise(used: &[(Usage, Duration)]) -> (f64, f64) {
    let mut shares: Vec<f64> = used
        .iter()
        .map(|(usage, length)| 100.0 * usage.others().as_secs_f64() / length.as_secs_f64())
        .collect();
    shares.sort_unstable_by(f64::total_cmp);
    let median = shares.get(shares.len() / 2).copied().unwrap_or_default();
    (median, shares.last().copied().unwrap_or_default())
}

/// A duration in milliseconds.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
