//! The private PostgreSQL server that Trellis runs when it is given no database: found, made, started, watched, stopped.
//!
//! Never opens a TCP port, never runs PostgreSQL as root, never makes roles or migrates (that is `db`), never touches a
//! server outside its own folder.

mod account;
mod cluster;
mod error;
mod folder;
mod lock;
mod options;
mod postmaster;
mod programs;
mod ready;
mod server;
mod settings;
mod store;
mod supervisor;
mod watchdog;

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;
use tokio_postgres::Config;

pub use error::EmbeddedError;
pub use options::{Durability, Options};

use self::{folder::Folder, server::Server, supervisor::Supervisor};

/// The database that Trellis lives in.
pub const DATABASE: &str = "trellis";

/// A private server that accepts connections. [`Embedded::stop`] ends it; so does dropping the value, which then blocks
/// until the server has ended.
pub struct Embedded {
    superuser: Config,
    folder: PathBuf,
    programs: Option<PathBuf>,
    /// `None` if another process runs the server.
    supervisor: Option<Supervisor>,
}

impl Embedded {
    /// Starts the server, or adopts the one that a killed predecessor left running, and makes the database
    /// [`DATABASE`] where missing. Supervises it from then on.
    ///
    /// # Errors
    /// See [`EmbeddedError`]; [`EmbeddedError::Locked`] if another process runs a server in this folder.
    pub async fn start(options: Options) -> Result<Self, EmbeddedError> {
        let mut server = blocking(move || Server::launch(&options)).await?;
        ready::wait(&mut server).await?;
        let superuser = server.superuser_config();
        store::create_database(&superuser).await?;
        let folder = server.folder.root().to_owned();
        let programs = Some(server.programs.folder.clone());
        Ok(Self { superuser, folder, programs, supervisor: Some(Supervisor::start(server)?) })
    }

    /// Like [`Embedded::start`], but shares the server if another process (`trellis serve`) runs it already. For
    /// commands that do a piece of work beside a running server; the server ends with the process that owns it.
    ///
    /// # Errors
    /// As for [`Embedded::start`], without `Locked`.
    pub async fn start_or_share(options: Options) -> Result<Self, EmbeddedError> {
        let path = options.folder.clone();
        match Self::start(options).await {
            Err(EmbeddedError::Locked { .. }) => {}
            answer => return answer,
        }
        let folder = Folder::prepare(&path)?;
        let superuser = ready::wait_for_other(&folder).await?;
        store::create_database(&superuser).await?;
        Ok(Self { superuser, folder: folder.root().to_owned(), programs: None, supervisor: None })
    }

    /// How to connect to [`DATABASE`] as the superuser `postgres`: for `db` to make roles and migrate, never to serve.
    pub fn admin_config(&self) -> Config {
        let mut config = self.superuser.clone();
        config.dbname(DATABASE);
        config
    }

    /// How to connect as another role, to any database of this server.
    pub fn config_for(&self, user: &str, password: &str, dbname: &str) -> Config {
        let mut config = self.superuser.clone();
        config.user(user).password(password).dbname(dbname);
        config
    }

    /// The launcher's folder, absolute; the log is `server.log` in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Folder of the PostgreSQL programs in use (`pgbench` and `psql` usually lie beside `postgres`); `None` if another
    /// process runs the server.
    pub fn programs(&self) -> Option<&Path> {
        self.programs.as_deref()
    }

    /// Stops the server with a fast shutdown and waits for its end. Close the pools first. A shared server is left
    /// to its owner.
    ///
    /// # Errors
    /// [`EmbeddedError::StopTimeout`] if it had to be stopped the hard way.
    pub async fn stop(mut self) -> Result<(), EmbeddedError> {
        match self.supervisor.take() {
            Some(mut supervisor) => blocking(move || supervisor.stop()).await,
            None => Ok(()),
        }
    }
}

/// Without the password.
impl fmt::Debug for Embedded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.supervisor.is_none();
        formatter.debug_struct("Embedded").field("folder", &self.folder).field("shared", &shared).finish()
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EmbeddedError> + Send + 'static,
) -> Result<T, EmbeddedError> {
    spawn_blocking(work).await.unwrap_or_else(|ended| {
        Err(EmbeddedError::System { action: "work on the private server", source: io::Error::other(ended) })
    })
}
