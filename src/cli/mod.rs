//! The command line: one file per command.

mod demo;
mod installation;
mod migrate;
mod serve;
mod template;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Pick your industry, get your CRM.
#[derive(Debug, Parser)]
#[command(name = "trellis", version, about, arg_required_else_help = true)]
struct Trellis {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and API
    Serve(Box<crate::config::ServeSettings>),
    /// Do the work in the background that `serve` does too, without serving: for further machines
    Worker(installation::InstallationArgs),
    /// Bring the database to the schema of this program, and end
    Migrate(installation::InstallationArgs),
    /// Check and look at industry templates
    #[command(subcommand)]
    Template(template::TemplateCommand),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let trellis = Trellis::parse();
    match run(trellis.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("trellis: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(settings) => serve::run(*settings),
        Command::Worker(args) => args.run(worker::run),
        Command::Migrate(args) => args.run(migrate::run),
        Command::Template(command) => Ok(template::run(&command, &mut std::io::stdout())?),
    }
}
