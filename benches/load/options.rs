//! What a person may say on the command line.

use std::path::PathBuf;

use clap::Parser;

use super::work::Work;

/// Fills a private server with many workspaces, then measures Trellis over HTTP against pgbench on the statements that
/// Trellis itself sends.
#[derive(Debug, Clone, Parser)]
#[command(name = "script/bench")]
pub struct Options {
    /// Workspaces to make
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    pub tenants: u32,

    /// Records in all of them together; the biggest workspace holds a fifth
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    pub records: u64,

    /// Deals in one more workspace, the big one, which has nothing else but a few organizations
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    pub big: u64,

    /// Length of each measurement
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Rounds; each measures everything once, and medians are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub rounds: u32,

    /// A small run that shows whether everything works: 50 workspaces, 20,000 records and as many deals in the big
    /// workspace, 1 second, 1 round
    #[arg(long)]
    pub quick: bool,

    /// Kinds of requests to measure, separated by ","; all unless said
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    pub only: Vec<Work>,

    /// PostgreSQL's page cache, for both sides
    #[arg(long, default_value = "2GB", value_name = "SIZE")]
    pub shared_buffers: String,

    /// Keep the filled database in this folder; a later run with the same sizes uses it again [default: a folder that
    /// is removed in the end]
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// Reads the command line.
    pub fn read() -> Self {
        let options = Self::parse();
        match options.quick {
            true => Self { tenants: 50, records: 20_000, big: 20_000, seconds: 1, rounds: 1, ..options },
            false => options,
        }
    }

    /// Whether a kind of request is measured.
    pub fn wants(&self, work: Work) -> bool {
        self.only.is_empty() || self.only.contains(&work)
    }
}
