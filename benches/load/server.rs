//! The server under test: the release binary with its private PostgreSQL, as a process of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::Connection;
use super::row::Fallible;

/// How long a start may take; a first one makes the database.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running `trellis serve`; dropped, it is asked to stop.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it over a data folder, with the settings that it has by default but for the rate limit and the page
    /// cache, and waits until it is ready.
    pub fn start(data: &Path, shared_buffers: &str) -> Fallible<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = fs::File::create(data.join("trellis.log"))?;
        let process = Command::new(env!("CARGO_BIN_EXE_trellis"))
            .args(["serve", "--rate-limit", "0", "--shared-buffers", shared_buffers, "--listen"])
            .arg(address.to_string())
            .arg("--data-dir")
            .arg(data)
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut server = Self { process, address };
        server.wait(data)?;
        Ok(server)
    }

    fn wait(&mut self, data: &Path) -> Fallible<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait()? {
                let said = fs::read_to_string(data.join("trellis.log")).unwrap_or_default();
                return Err(format!("trellis ended with {status}:\n{said}").into());
            }
            if let Ok(mut connection) = Connection::open(self.address)
                && let Ok(answer) = connection.get("/readyz", None)
                && answer.status == 200
            {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("trellis did not become ready".into())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Stops it, and PostgreSQL with it, and waits for the end.
    pub fn stop(mut self) -> Fallible<()> {
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        let id = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw);
        let asked = id.map(|id| rustix::process::kill_process(id, rustix::process::Signal::TERM));
        if asked.is_none_or(|asked| asked.is_err()) {
            return;
        }
        if let Err(error) = self.process.wait() {
            eprintln!("trellis was not seen to end: {error}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs another command of Trellis over the data folder of a server; an error where it finds something wrong.
pub fn run(data: &Path, command: &[&str]) -> Fallible<()> {
    let done = Command::new(env!("CARGO_BIN_EXE_trellis"))
        .args(command)
        .arg("--data-dir")
        .arg(data)
        .env_remove("DATABASE_URL")
        .output()?;
    match done.status.success() {
        true => Ok(()),
        false => {
            let (said, complained) =
                (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            Err(format!("trellis {} failed:\n{said}{complained}", command.join(" ")).into())
        }
    }
}

/// The folder of the data, removed in the end unless a person named it.
#[derive(Debug)]
pub struct DataFolder {
    /// Where it is.
    pub path: PathBuf,
    keep: bool,
}

impl DataFolder {
    /// The folder that was named, or a new one.
    pub fn prepare(named: Option<&Path>) -> Fallible<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("trellis-bench-{}", std::process::id())),
        };
        fs::create_dir_all(&path)?;
        Ok(Self { path: path.canonicalize()?, keep: named.is_some() })
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        if !self.keep
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            eprintln!("{} could not be removed: {error}", self.path.display());
        }
    }
}
