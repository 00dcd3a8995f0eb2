//! What processes use: processor time and memory, from `/proc`.

use std::fs;
use std::time::Duration;

/// The kernel counts processor time for `/proc` in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that was used up to a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// By `trellis`.
    pub trellis: Duration,
    /// By all processes of PostgreSQL.
    pub postgres: Duration,
    /// By whatever sends the load: this process, and the programs that it has run.
    pub load: Duration,
    /// By everything on the machine.
    pub machine: Duration,
}

/// The processes that are watched.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    /// The process id of `trellis`.
    pub trellis: u32,
    /// The process id of PostgreSQL's first process, whose children do the work.
    pub postmaster: u32,
}

impl Watched {
    /// What has been used so far.
    pub fn usage(&self) -> Usage {
        let of = |id: u32| Stat::of(&id.to_string()).unwrap_or_default();
        let own = Stat::of("self").unwrap_or_default();
        let children = processes().filter(|stat| stat.parent == self.postmaster);
        let backends: Duration = children.map(|stat| stat.own).sum();
        let postmaster = of(self.postmaster);
        Usage {
            trellis: of(self.trellis).own,
            // Processes that have ended are counted with their parent.
            postgres: backends + postmaster.own + postmaster.ended_children,
            load: own.own + own.ended_children,
            machine: machine(),
        }
    }

    /// Memory of `trellis` that is in use now, in bytes.
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.trellis)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1024
    }
}

impl Usage {
    /// What was used since an earlier moment.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            trellis: self.trellis.saturating_sub(earlier.trellis),
            postgres: self.postgres.saturating_sub(earlier.postgres),
            load: self.load.saturating_sub(earlier.load),
            machine: self.machine.saturating_sub(earlier.machine),
        }
    }

    /// What others used: neither side of the comparison.
    pub fn others(self) -> Duration {
        self.machine.saturating_sub(self.trellis + self.postgres + self.load)
    }
}

/// The parent of a process.
pub fn parent(process: u32) -> Option<u32> {
    Stat::of(&process.to_string()).map(|stat| stat.parent)
}

/// What `/proc/<id>/stat` says.
#[derive(Debug, Default)]
struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

impl Stat {
    fn of(process: &str) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The program's name stands in brackets and may hold anything, so what follows counts from the last one.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
        Some(Self {
            parent: ticks(1),
            own: TICK * (ticks(11) + ticks(12)),
            ended_children: TICK * (ticks(13) + ticks(14)),
        })
    }
}

fn processes() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.bytes().all(|byte| byte.is_ascii_digit()).then(|| Stat::of(&name))?
    })
}

/// Time that any processor was busy: all but idle and waiting for disks.
fn machine() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u32> = line.split_whitespace().skip(1).filter_map(|text| text.parse().ok()).collect();
    let busy = [0, 1, 2, 5, 6].iter().filter_map(|at| ticks.get(*at)).sum::<u32>();
    TICK * busy
}
