//! Everything a running private server consists of, and its one way up and one way down.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
};

use tokio_postgres::Config;

use super::{
    Durability, Options,
    account::Account,
    cluster,
    error::{EmbeddedError, OnFile},
    folder::{Folder, clear_socket},
    lock::Lock,
    postmaster::Postmaster,
    programs::Programs,
    settings,
    watchdog::Watchdog,
};

/// A log longer than this (bytes) is set aside at the next start.
const LONG_LOG: u64 = 16 * 1024 * 1024;

/// How much of the end of the log goes into an error (bytes).
const TAIL: u64 = 4 * 1024;

/// A server with its lock. Dropping it stops the server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) folder: Folder,
    pub(super) programs: Programs,
    pub(super) password: String,
    pub(super) socket_folder: PathBuf,
    account: Account,
    arguments: Vec<OsString>,
    postmaster: Postmaster,
    /// Length of the log when the present process was started: what follows is about that process.
    log_start: u64,
    watchdog: Option<Watchdog>,
    /// Last, so that the folder is free only when nothing runs in it.
    _lock: Lock,
}

impl Server {
    /// Goes the whole way from nothing to a server process that is starting; blocks (a first start for seconds).
    pub(super) fn launch(options: &Options) -> Result<Self, EmbeddedError> {
        let folder = Folder::prepare(&options.folder)?;
        let lock = Lock::take(&folder)?;
        let account = Account::choose(&folder.cluster())?;
        folder.admit(&account)?;
        let data_major = folder.data_major()?;
        let programs = Programs::find(options.pg_bin.as_deref(), &folder.cluster(), data_major)?;
        account.check_reach(&programs.folder)?;
        let password = cluster::prepare(&folder, &programs, &account, options.durability)?;
        let socket_folder = folder.prepare_socket_folder(&account)?;
        let arguments = settings::arguments(options, &folder.cluster(), &socket_folder);
        set_long_log_aside(&folder)?;
        let log_start = log_length(&folder);
        let adopted = adopt(&folder, &programs, &arguments)?;
        let postmaster = match adopted {
            Some(postmaster) => postmaster,
            None => start(&folder, &programs, &account, &arguments, &socket_folder)?,
        };
        let watchdog = match options.durability {
            Durability::Full => None,
            Durability::Throwaway => Some(Watchdog::start(&folder, options.remove_folder)?),
        };
        Ok(Self {
            folder,
            programs,
            password,
            socket_folder,
            account,
            arguments,
            postmaster,
            log_start,
            watchdog,
            _lock: lock,
        })
    }

    /// Starts the process again after it has died.
    pub(super) fn relaunch(&mut self) -> Result<(), EmbeddedError> {
        self.log_start = log_length(&self.folder);
        self.postmaster =
            start(&self.folder, &self.programs, &self.account, &self.arguments, &self.socket_folder)?;
        Ok(())
    }

    /// Whether the server process lives.
    pub(super) fn is_running(&mut self) -> bool {
        self.postmaster.is_running()
    }

    /// Stops the process. Does nothing if it is dead already.
    pub(super) fn stop(&mut self) -> Result<(), EmbeddedError> {
        let answer = self.postmaster.stop();
        if !self.socket_folder.starts_with(self.folder.root()) {
            // Empty after a clean end; whatever is left is found again at the next start.
            let _ = fs::remove_dir(&self.socket_folder);
        }
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.release();
        }
        answer
    }

    /// How to connect as the superuser to its own database `postgres`.
    pub(super) fn superuser_config(&self) -> Config {
        superuser_config(&self.socket_folder, &self.password)
    }

    /// What a person needs to know when the process ended by itself.
    pub(super) fn failure(&mut self) -> EmbeddedError {
        let status = self.postmaster.ending();
        EmbeddedError::StartFailed { status, log: self.folder.log(), tail: self.log_tail() }
    }

    /// The end of what the present process has written to the log.
    pub(super) fn log_tail(&self) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut log = File::open(self.folder.log())?;
            let from = self.log_start.max(log.metadata()?.len().saturating_sub(TAIL));
            log.seek(SeekFrom::Start(from))?;
            let mut tail = Vec::new();
            log.take(TAIL).read_to_end(&mut tail)?;
            Ok(tail)
        };
        match read() {
            Ok(tail) => String::from_utf8_lossy(&tail).trim_end().to_owned(),
            Err(error) => format!("(the log could not be read: {error})"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "PostgreSQL did not stop cleanly");
        }
    }
}

/// How to connect as the superuser to its own database `postgres` through the socket in `socket_folder`.
pub(super) fn superuser_config(socket_folder: &std::path::Path, password: &str) -> Config {
    let mut config = Config::new();
    config
        .host_path(socket_folder)
        .port(5432)
        .user(cluster::SUPERUSER)
        .password(password)
        .dbname(cluster::SUPERUSER)
        .application_name("trellis");
    config
}

/// Takes over a server that a killed process left running. One that runs with other settings than now asked for (or
/// other programs, after an upgrade) is stopped instead: it is ours, for we hold the lock of its folder.
fn adopt(
    folder: &Folder,
    programs: &Programs,
    arguments: &[OsString],
) -> Result<Option<Postmaster>, EmbeddedError> {
    let Some(mut live) = Postmaster::find_live(&folder.cluster()) else { return Ok(None) };
    if live.was_started_with(&programs.postgres(), arguments) {
        tracing::info!(pid = live.id(), "adopting the PostgreSQL server that was left running");
        return Ok(Some(live));
    }
    tracing::info!(pid = live.id(), "restarting PostgreSQL: its settings have changed");
    live.stop()?;
    Ok(None)
}

fn start(
    folder: &Folder,
    programs: &Programs,
    account: &Account,
    arguments: &[OsString],
    socket_folder: &std::path::Path,
) -> Result<Postmaster, EmbeddedError> {
    clear_socket(socket_folder)?;
    let path = folder.log();
    let log = File::options().create(true).append(true).open(&path).on_file("open", &path)?;
    Postmaster::start(&programs.postgres(), arguments, account, &folder.cluster(), log)
}

fn log_length(folder: &Folder) -> u64 {
    fs::metadata(folder.log()).map_or(0, |log| log.len())
}

fn set_long_log_aside(folder: &Folder) -> Result<(), EmbeddedError> {
    let path = folder.log();
    if log_length(folder) > LONG_LOG {
        fs::rename(&path, path.with_extension("log.1")).on_file("set aside", &path)?;
    }
    Ok(())
}
