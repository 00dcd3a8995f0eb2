//! What can go wrong with the private server, said so that a newcomer knows what to do next.

use std::{io, path::PathBuf};

/// Why the private PostgreSQL server could not be started, reached or stopped. Every message says what was attempted
/// and what to do; the source holds what the system answered.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No usable server programs on this machine.
    #[error(
        "no PostgreSQL server programs were found (looked in {looked}). Install PostgreSQL 15 or newer \
         (Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server postgresql-contrib; Alpine: \
         apk add postgresql postgresql-contrib; macOS: brew install postgresql@17), name the folder that holds \
         `postgres` and `initdb` with --pg-bin, or set DATABASE_URL to use a server of your own"
    )]
    NotInstalled {
        /// The folders that were searched, comma-separated.
        looked: String,
    },
    /// Programs were found, but too old ones only.
    #[error("PostgreSQL {major} in {folder} is too old: Trellis needs PostgreSQL 15 or newer")]
    TooOld {
        /// Where the newest programs were found.
        folder: PathBuf,
        /// Their major version.
        major: u32,
    },
    /// The data was written by another major version than the programs at hand.
    #[error(
        "the data in {cluster} was written by PostgreSQL {data}, but only PostgreSQL {found} is installed. \
         Install PostgreSQL {data} again (several versions live side by side; --pg-bin names one), or move the data \
         with pg_dump and pg_restore: see docs/guides/operate.md"
    )]
    MajorMismatch {
        /// The data folder.
        cluster: PathBuf,
        /// Major version that wrote the data.
        data: u32,
        /// Major versions found, comma-separated.
        found: String,
    },
    /// Another process runs the server of this folder.
    #[error(
        "the data folder {folder} is already in use by another Trellis ({holder}). Stop that one first, or choose \
         another folder with --data-dir"
    )]
    Locked {
        /// The launcher's folder.
        folder: PathBuf,
        /// `process 1234`, or `unknown process`.
        holder: String,
    },
    /// Started as root on a system without a user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and this system has neither a user `postgres` nor `nobody` to run it \
         as. Start Trellis as a plain user, or create the user `postgres`"
    )]
    NoAccount,
    /// The user that runs PostgreSQL cannot get into a folder.
    #[error(
        "PostgreSQL runs as the user `{account}`, who may not enter {path}. Choose a data folder that this user can \
         reach (--data-dir /var/lib/trellis), or open that folder with `chmod o+x`"
    )]
    Unreachable {
        /// The first folder on the way that is closed.
        path: PathBuf,
        /// Name of the user.
        account: String,
    },
    /// The data belongs to somebody else.
    #[error(
        "{path} belongs to the user with id {owner}, not to you. Start Trellis as that user (or as root), or choose \
         another folder with --data-dir"
    )]
    NotOurs {
        /// The folder or file in question.
        path: PathBuf,
        /// User id of its owner.
        owner: u32,
    },
    /// A cluster without its password file.
    #[error(
        "{cluster} holds data, but its password file {password} is missing. Put the file back from a backup; the \
         data is intact"
    )]
    PasswordMissing {
        /// The data folder.
        cluster: PathBuf,
        /// Where the password should be.
        password: PathBuf,
    },
    /// `initdb` ended with an error.
    #[error("initdb could not make a new PostgreSQL cluster in {cluster}:\n{output}")]
    InitFailed {
        /// The data folder.
        cluster: PathBuf,
        /// What `initdb` said.
        output: String,
    },
    /// The server ended before it answered.
    #[error("PostgreSQL ended right after its start ({status}). The end of its log {log}:\n{tail}")]
    StartFailed {
        /// How it ended.
        status: String,
        /// The log file.
        log: PathBuf,
        /// Last lines of the log.
        tail: String,
    },
    /// The server lives, but does not answer.
    #[error("PostgreSQL did not accept a connection within {seconds} s. The end of its log {log}:\n{tail}")]
    StartTimeout {
        /// How long was waited.
        seconds: u64,
        /// The log file.
        log: PathBuf,
        /// Last lines of the log.
        tail: String,
    },
    /// No fast shutdown in time; the server was stopped the hard way.
    #[error(
        "PostgreSQL (process {pid}) did not shut down within {seconds} s and was stopped at once; it will replay its \
         log at the next start, nothing committed is lost"
    )]
    StopTimeout {
        /// Process id of the postmaster.
        pid: i32,
        /// How long was waited.
        seconds: u64,
    },
    /// A program could not be run.
    #[error("could not run {program}{account}")]
    Program {
        /// Path of the program.
        program: PathBuf,
        /// ` as user x`, or nothing.
        account: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A file could not be read, written or changed.
    #[error("could not {action} {path}")]
    File {
        /// What was attempted: `read`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The system gave no random numbers or no thread.
    #[error("could not {action}")]
    System {
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The server answered, with an error.
    #[error("could not {action} on the private PostgreSQL server")]
    Database {
        /// What was attempted.
        action: &'static str,
        /// The server's answer.
        source: tokio_postgres::Error,
    },
}

/// Gives an input/output error the file and the attempt it belongs to.
pub(super) trait OnFile<T> {
    /// `action` completes "could not … <path>".
    fn on_file(self, action: &'static str, path: &std::path::Path) -> Result<T, EmbeddedError>;
}

impl<T> OnFile<T> for io::Result<T> {
    fn on_file(self, action: &'static str, path: &std::path::Path) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::File { action, path: path.to_owned(), source })
    }
}
