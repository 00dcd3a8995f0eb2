//! The command line: one file per command.

mod demo;
pub mod import;
mod installation;
mod migrate;
pub mod repair;
mod serve;
mod template;
pub mod tenant;
pub mod totals;
pub mod user;
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
    /// Create, list and check workspaces
    Tenant {
        #[command(flatten)]
        installation: installation::InstallationArgs,
        #[command(subcommand)]
        command: tenant::TenantCommand,
    },
    /// Create accounts
    User {
        #[command(flatten)]
        installation: installation::InstallationArgs,
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Bring rows of CSV files into a workspace, every row accounted for
    Import {
        #[command(flatten)]
        installation: installation::InstallationArgs,
        #[command(flatten)]
        command: import::ImportCommand,
    },
    /// Compute the derived values of a workspace anew, and put right what is not
    Repair {
        #[command(flatten)]
        installation: installation::InstallationArgs,
        #[command(flatten)]
        command: repair::RepairCommand,
    },
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
        Command::Tenant { installation, command } => installation.run(async |open| {
            println!("{}", tenant::run(&open.identity, &open.catalogue, &command).await?);
            Ok(ExitCode::SUCCESS)
        }),
        Command::User { installation, command } => installation.run(async |open| {
            println!("{}", user::run(&open.identity, &command).await?);
            Ok(ExitCode::SUCCESS)
        }),
        Command::Import { installation, command } => installation.run(async |open| {
            import::run(&open.db, &open.caches, &open.clock, &command, &mut std::io::stdout()).await
        }),
        Command::Repair { installation, command } => installation.run(async |open| {
            repair::run(&open.db, &open.caches, &open.clock, &command, &mut std::io::stdout()).await
        }),
        Command::Template(command) => Ok(template::run(&command, &mut std::io::stdout())?),
    }
}
