//! Measures Trellis over HTTP against pgbench on the very statements that Trellis sends. Started by `script/bench`;
//! `docs/performance.md` explains the method.

mod bulk;
mod capture;
mod client;
mod content;
mod copy;
mod derived;
mod fill;
mod ground;
mod layout;
mod load;
mod options;
mod pgbench;
mod progress;
mod random;
mod report;
mod row;
mod server;
mod usage;
mod work;

use std::time::{Duration, Instant};

use ground::{Ground, add_fields, apply_templates, bulk_jobs};
use load::percentile;
use options::Options;
use pgbench::{Pgbench, Script};
use progress::say;
use report::{Line, Measured, millis, noise, print_requests};
use row::Fallible;
use server::DataFolder;
use usage::Usage;
use work::{Doors, House, Work};

/// Access tokens hold for 15 minutes; new ones are asked for earlier.
const TOKENS_HOLD: Duration = Duration::from_secs(8 * 60);

/// A measurement that one process did alone, with what was used meanwhile.
type Noise = Vec<(Usage, Duration)>;

fn main() -> Fallible<()> {
    let options = Options::read();
    let folder = DataFolder::prepare(options.data_dir.as_deref())?;
    let tenants = layout::tenants(options.tenants, options.records);
    let visited = layout::visited(&tenants);
    let big = layout::Tenant::big(u64::from(options.tenants) + 1, options.big);
    let all: Vec<layout::Tenant> = tenants.iter().chain([&big]).cloned().collect();
    let people = People { visited, big };
    say("starting the server over a new database");
    let ground = Ground::start(&folder.path, &options)?;
    ground.fill(&all)?;
    let scripts = capture(&folder, &options, ground, &people)?;
    let ground = Ground::start(&folder.path, &options)?;
    ground.settle();
    let mut noise = Noise::new();
    let lines = measure(&ground, &options, &people, &scripts, &mut noise)?;
    let house = people.house(&ground)?;
    let resident = ground.watched.resident();
    say("applying templates, adding fields");
    let applied = apply_templates(&ground, 20, false)?;
    let with_samples = apply_templates(&ground, 5, true)?;
    let added = add_fields(&ground, &house.many, 50)?;
    let jobs = bulk_jobs(&ground, &house.big, if options.quick { 3 } else { 20 })?;
    let resident_later = ground.watched.resident();
    ground.server.stop()?;
    let records: u64 = tenants.iter().map(layout::Tenant::records).sum();
    println!(
        "\n{} workspaces, {records} records (the biggest workspace {}), and a big one with {} deals, shared_buffers {}, \
         {} rounds of {} s\n",
        tenants.len(),
        tenants[0].records(),
        options.big,
        options.shared_buffers,
        options.rounds,
        options.seconds
    );
    print_requests(&lines);
    print_rest(&[
        ("apply a template", &applied),
        ("… with sample records", &with_samples),
        ("add a field", &added),
        ("big: bulk of 1,000, a job", &jobs),
    ]);
    println!(
        "Memory of trellis: {:.0} MB after the requests, {:.0} MB after templates and fields.",
        resident as f64 / 1e6,
        resident_later as f64 / 1e6
    );
    print_noise(&noise);
    Ok(())
}

/// The workspaces that requests go to.
struct People {
    visited: Vec<layout::Tenant>,
    big: layout::Tenant,
}

impl People {
    fn house(&self, ground: &Ground) -> Fallible<House> {
        ground.open_doors(&self.visited, &self.big)
    }
}

/// Runs the server once with everything logged; gives a script for every kind of request.
fn capture(
    folder: &DataFolder,
    options: &Options,
    ground: Ground,
    people: &People,
) -> Fallible<Vec<(Work, Script)>> {
    say("reading which statements are sent");
    ground.log_everything(true)?;
    ground.server.stop()?;
    let ground = Ground::start(&folder.path, options)?;
    ground.settle();
    let house = people.house(&ground)?;
    let captured = ground.capture(&house, |work| options.wants(work))?;
    ground.log_everything(false)?;
    ground.server.stop()?;
    let script = |(work, statements, specimen): (Work, Vec<capture::Statement>, pgbench::Specimen)| {
        let script = pgbench::script(&folder.path, work, &statements, &specimen, &house.doors(work).tenants)?;
        say(&format!("{}: {} statements", work.name(), script.statements));
        Ok((work, script))
    };
    captured.into_iter().map(script).collect()
}

fn measure(
    ground: &Ground,
    options: &Options,
    people: &People,
    scripts: &[(Work, Script)],
    noise: &mut Noise,
) -> Fallible<Vec<Line>> {
    let pgbench = ground.pgbench()?;
    let length = Duration::from_secs(options.seconds);
    let mut house = (people.house(ground)?, Instant::now());
    warm_up(ground, &pgbench, &house.0, scripts)?;
    let mut lines: Vec<Line> = Vec::new();
    for writes in [false, true] {
        for round in 0..options.rounds {
            for (work, script) in scripts.iter().filter(|(work, _)| work.writes() == writes) {
                for connections in work.connections().iter().copied() {
                    if house.1.elapsed() > TOKENS_HOLD {
                        house = (people.house(ground)?, Instant::now());
                    }
                    say(&format!("round {}: {}, {connections} connections", round + 1, work.name()));
                    let cell = Cell { ground, pgbench: &pgbench, script, connections, length };
                    let measured = cell.measure(&house.0, *work, round, noise)?;
                    let line =
                        lines.iter_mut().find(|line| line.work == *work && line.connections == connections);
                    match line {
                        Some(line) => line.rounds.push(measured),
                        None => lines.push(Line { work: *work, connections, rounds: vec![measured] }),
                    }
                }
            }
        }
    }
    Ok(lines)
}

/// Reads what is going to be read, on both sides, so that nothing is measured that happens once.
fn warm_up(ground: &Ground, pgbench: &Pgbench, house: &House, scripts: &[(Work, Script)]) -> Fallible<()> {
    say("warming up");
    for (work, script) in scripts {
        let most = work.connections().last().copied().unwrap_or(1);
        pgbench.run(script, "prepared", most, Duration::from_secs(1))?;
        load::send(ground.server.address, house.doors(*work), *work, most, Duration::from_secs(1))?;
    }
    Ok(())
}

/// One kind of request at one number of connections.
struct Cell<'a> {
    ground: &'a Ground,
    pgbench: &'a Pgbench,
    script: &'a Script,
    connections: u64,
    length: Duration,
}

impl Cell<'_> {
    /// Measures both sides, in turns first and second.
    fn measure(&self, house: &House, work: Work, round: u32, noise: &mut Noise) -> Fallible<Measured> {
        let mut trellis = None;
        if round % 2 == 1 {
            trellis = Some(self.trellis(house.doors(work), work, noise)?);
        }
        let (prepared, usage) = self.pgbench("prepared", noise)?;
        let unprepared = match self.script.has_unnamed {
            true => Some(self.pgbench("extended", noise)?.0),
            false => None,
        };
        let (answered, trellis_usage) = match trellis {
            Some(trellis) => trellis,
            None => self.trellis(house.doors(work), work, noise)?,
        };
        Ok(Measured {
            answered,
            usage: trellis_usage,
            prepared,
            prepared_usage: (usage, prepared * self.length.as_secs_f64()),
            unprepared,
        })
    }

    fn trellis(&self, doors: &Doors, work: Work, noise: &mut Noise) -> Fallible<(load::Answered, Usage)> {
        let address = self.ground.server.address;
        self.watch(noise, || load::send(address, doors, work, self.connections, self.length))
    }

    fn pgbench(&self, mode: &str, noise: &mut Noise) -> Fallible<(f64, Usage)> {
        self.watch(noise, || self.pgbench.run(self.script, mode, self.connections, self.length))
    }

    /// Starts from written-out pages, so that both sides log equally many of them whole.
    fn watch<T>(&self, noise: &mut Noise, run: impl FnOnce() -> Fallible<T>) -> Fallible<(T, Usage)> {
        self.ground.execute(&["checkpoint"])?;
        let (before, start) = (self.ground.watched.usage(), Instant::now());
        let done = run()?;
        let used = self.ground.watched.usage().since(before);
        noise.push((used, start.elapsed()));
        Ok((done, used))
    }
}

fn print_rest(measured: &[(&str, &Vec<Duration>)]) {
    println!("\n| | times | p50 ms | p95 ms | longest ms |\n|---|--:|--:|--:|--:|");
    for (name, times) in measured {
        println!(
            "| {name} | {} | {:.0} | {:.0} | {:.0} |",
            times.len(),
            millis(percentile(times, 50)),
            millis(percentile(times, 95)),
            millis(percentile(times, 100))
        );
    }
    println!();
}

fn print_noise(used: &Noise) {
    let (median, most) = noise(used);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "Others on the machine ({cores} processors) used {median:.0} % of one processor while measuring (median), {most:.0} % \
         at most."
    );
}
