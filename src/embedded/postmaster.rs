//! The server process: find a live one of this cluster, start one, tell whether it runs, end it.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::Write,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{
    account::Account,
    error::{EmbeddedError, OnFile},
};

/// How long a fast shutdown (which writes a checkpoint) may take.
const FAST_SHUTDOWN: Duration = Duration::from_secs(60);

/// How long an immediate shutdown may take.
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);

/// How often a dying process is looked at.
const POLL: Duration = Duration::from_millis(10);

/// A running server process, ours by birth or adopted from a process that was killed.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    /// `None` if adopted.
    child: Option<Child>,
    cluster: PathBuf,
}

impl Postmaster {
    /// The live server of this cluster, if there is one.
    pub(super) fn find_live(cluster: &Path) -> Option<Self> {
        let pid = noted_pid(cluster)?;
        is_postmaster(pid, cluster).then(|| Self { pid, child: None, cluster: cluster.to_owned() })
    }

    /// Starts a server as a child in a process group of its own, so that a Ctrl-C in the terminal does not reach it
    /// before Trellis has finished with it.
    pub(super) fn start(
        program: &Path,
        arguments: &[OsString],
        account: &Account,
        cluster: &Path,
        log: File,
    ) -> Result<Self, EmbeddedError> {
        disown_dead(cluster)?;
        let second = log.try_clone().on_file("open the log of", cluster)?;
        let mut command = account.command(program);
        command.args(arguments).process_group(0).stdin(Stdio::null()).stdout(log).stderr(second);
        let child = command.spawn().map_err(|source| account.cannot_run(program, source))?;
        Ok(Self { pid: Pid::from_child(&child), child: Some(child), cluster: cluster.to_owned() })
    }

    /// Whether it was started with exactly these arguments, by the note that PostgreSQL keeps about its command line.
    pub(super) fn was_started_with(&self, program: &Path, arguments: &[OsString]) -> bool {
        let mut line = program.as_os_str().as_bytes().to_vec();
        for argument in arguments {
            line.extend_from_slice(b" \"");
            line.extend_from_slice(argument.as_bytes());
            line.push(b'"');
        }
        fs::read(self.cluster.join("postmaster.opts")).is_ok_and(|noted| noted.trim_ascii_end() == line)
    }

    /// Whether the process lives. A dead child is reaped here.
    pub(super) fn is_running(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => is_postmaster(self.pid, &self.cluster),
        }
    }

    /// How the process ended, for a message.
    pub(super) fn ending(&mut self) -> String {
        match self.child.as_mut().map(Child::try_wait) {
            Some(Ok(Some(status))) => status.to_string(),
            _ => "no exit status".to_owned(),
        }
    }

    /// Process id.
    pub(super) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Ends the process: fast shutdown (open transactions are rolled back, everything is written), and only if that
    /// takes too long an immediate one.
    pub(super) fn stop(&mut self) -> Result<(), EmbeddedError> {
        if self.end(Signal::INT, FAST_SHUTDOWN) {
            return Ok(());
        }
        if !self.end(Signal::QUIT, IMMEDIATE_SHUTDOWN) {
            self.end(Signal::KILL, IMMEDIATE_SHUTDOWN);
        }
        Err(EmbeddedError::StopTimeout { pid: self.id(), seconds: FAST_SHUTDOWN.as_secs() })
    }

    /// Sends a signal and waits; `true` once the process is gone.
    fn end(&mut self, signal: Signal, patience: Duration) -> bool {
        let start = Instant::now();
        if !self.is_running() {
            return true;
        }
        if let Err(error) = kill_process(self.pid, signal) {
            tracing::warn!(pid = self.id(), %error, "could not signal PostgreSQL");
        }
        while start.elapsed() < patience {
            if !self.is_running() {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

/// The socket folder that a running server has noted, as a process beside us finds it.
pub(super) fn noted_socket_folder(cluster: &Path) -> Option<PathBuf> {
    let note = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    note.lines().nth(4).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn noted_pid(cluster: &Path) -> Option<Pid> {
    let note = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    Pid::from_raw(note.lines().next()?.trim().parse().ok()?)
}

/// A dead server's `postmaster.pid` stops the next one for as long as any process has that number: a zombie that
/// nobody reaps (containers), or a stranger that was given it since. Our own number on its first line tells the new
/// server, our child, that the note is stale; the other lines stay, because by them it makes sure that no orphan of
/// the dead server still uses the shared memory. Called only under the folder's lock, when no live server was found.
fn disown_dead(cluster: &Path) -> Result<(), EmbeddedError> {
    let path = cluster.join("postmaster.pid");
    let Ok(note) = fs::read_to_string(&path) else { return Ok(()) };
    let Some((_, rest)) = note.split_once('\n') else { return Ok(()) };
    File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .and_then(|mut file| write!(file, "{}\n{rest}", std::process::id()))
        .on_file("write", &path)
}

/// Whether the process lives and is the server of this cluster. Where there is no `/proc`, any live process with the
/// noted number is taken for it; the connection that follows needs our password and so proves it.
fn is_postmaster(pid: Pid, cluster: &Path) -> bool {
    if !Path::new("/proc/self/stat").exists() {
        return test_kill_process(pid).is_ok();
    }
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let Ok(stat) = fs::read_to_string(process.join("stat")) else { return false };
    let Ok(command_line) = fs::read(process.join("cmdline")) else { return false };
    // The state follows the program's name, which is in parentheses and may itself hold parentheses and spaces.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    let names_cluster =
        command_line.split(|byte| *byte == 0).any(|word| word == cluster.as_os_str().as_bytes());
    state.is_some_and(|state| state != 'Z' && state != 'X') && names_cluster
}
