//! Waits until a server that is starting accepts connections, or says why it never will.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tokio_postgres::{Config, NoTls, error::SqlState};

use super::{
    cluster,
    error::EmbeddedError,
    folder::Folder,
    postmaster,
    server::{Server, superuser_config},
};

/// Time between two attempts to connect.
const POLL: Duration = Duration::from_millis(20);

/// Crash recovery of a big database may take minutes; a server that takes longer is taken for hung.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long the remains of a killed server may keep a new one from starting.
const REMAINS: Duration = Duration::from_secs(30);

/// How long another process may take to bring up the server that we want to share.
const OTHERS_START: Duration = Duration::from_secs(60);

/// What a server says that was refused because processes of its killed predecessor still end themselves.
const REMAINS_SAY: [&str; 2] = ["pre-existing shared memory block", "lock file \""];

/// Ready means: a connection was accepted.
pub(super) async fn wait(server: &mut Server) -> Result<(), EmbeddedError> {
    let start = Instant::now();
    let config = server.superuser_config();
    loop {
        match config.connect(NoTls).await {
            Ok(_) => return Ok(()),
            Err(error) if is_final(&error) => {
                return Err(EmbeddedError::Database { action: "connect as the superuser", source: error });
            }
            Err(_) => {}
        }
        if !server.is_running() {
            let tail = server.log_tail();
            let remains = REMAINS_SAY.iter().any(|words| tail.contains(words));
            if !remains || start.elapsed() > REMAINS {
                return Err(server.failure());
            }
            sleep(POLL * 25).await;
            server.relaunch()?;
        }
        if start.elapsed() > PATIENCE {
            return Err(EmbeddedError::StartTimeout {
                seconds: PATIENCE.as_secs(),
                log: server.folder.log(),
                tail: server.log_tail(),
            });
        }
        sleep(POLL).await;
    }
}

/// Waits for the server that another process runs in this folder; returns its superuser's way in.
pub(super) async fn wait_for_other(folder: &Folder) -> Result<Config, EmbeddedError> {
    let start = Instant::now();
    loop {
        if let Some(config) = noted_config(folder)? {
            match config.connect(NoTls).await {
                Ok(_) => return Ok(config),
                Err(source) if is_final(&source) || start.elapsed() > OTHERS_START => {
                    return Err(EmbeddedError::Database { action: "connect as the superuser", source });
                }
                Err(_) => {}
            }
        } else if start.elapsed() > OTHERS_START {
            return Err(EmbeddedError::StartTimeout {
                seconds: OTHERS_START.as_secs(),
                log: folder.log(),
                tail: String::new(),
            });
        }
        sleep(POLL * 5).await;
    }
}

/// `None` while the other process has not come so far as to note password and socket.
fn noted_config(folder: &Folder) -> Result<Option<Config>, EmbeddedError> {
    let password = cluster::read_password(folder)?;
    let socket_folder = postmaster::noted_socket_folder(&folder.cluster());
    Ok(password.zip(socket_folder).map(|(password, socket)| superuser_config(Path::new(&socket), &password)))
}

/// Whether waiting cannot help: the server answers, and refuses the password itself.
fn is_final(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code)
    })
}
