//! Makes the cluster at the first start: a password of its own, then `initdb`, complete or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Durability,
    account::Account,
    error::{EmbeddedError, OnFile},
    folder::Folder,
    programs::Programs,
};

/// The superuser's name; it exists inside the private server only.
pub(super) const SUPERUSER: &str = "postgres";

/// Bytes of randomness in the superuser's password.
const PASSWORD_BYTES: usize = 32;

/// Makes the cluster if there is none and returns the superuser's password.
pub(super) fn prepare(
    folder: &Folder,
    programs: &Programs,
    account: &Account,
    durability: Durability,
) -> Result<String, EmbeddedError> {
    let exists = folder.cluster().exists();
    let password = match read_password(folder)? {
        Some(password) => password,
        None if exists => {
            return Err(EmbeddedError::PasswordMissing {
                cluster: folder.cluster(),
                password: folder.password(),
            });
        }
        None => make_password(folder)?,
    };
    // PostgreSQL's user reads it in initdb; it gains nothing by that, for it owns the data.
    account.own(&folder.password())?;
    if !exists {
        initialise(folder, programs, account, durability)?;
    }
    Ok(password)
}

/// The stored password; `None` if there is none, or if a crash left the file empty.
pub(super) fn read_password(folder: &Folder) -> Result<Option<String>, EmbeddedError> {
    let path = folder.password();
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim_end().to_owned()).filter(|password| !password.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).on_file("read the password file", &path),
    }
}

fn make_password(folder: &Folder) -> Result<String, EmbeddedError> {
    let mut bytes = [0; PASSWORD_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|source| EmbeddedError::System { action: "get random numbers", source: source.into() })?;
    let password = URL_SAFE_NO_PAD.encode(bytes);
    let path = folder.password();
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .on_file("create the password file", &path)?;
    writeln!(file, "{password}").and_then(|()| file.sync_all()).on_file("write the password file", &path)?;
    Ok(password)
}

/// Runs `initdb` beside the final place and moves the result there, so that an interrupted first start leaves nothing
/// that a second one could take for a cluster.
fn initialise(
    folder: &Folder,
    programs: &Programs,
    account: &Account,
    durability: Durability,
) -> Result<(), EmbeddedError> {
    let (cluster, unfinished) = (folder.cluster(), folder.unfinished());
    tracing::info!(folder = %cluster.display(), "making a new PostgreSQL {} cluster", programs.major);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).on_file("remove", &unfinished)?;
    }
    fs::create_dir(&unfinished).on_file("create", &unfinished)?;
    account.own(&unfinished)?;
    let mut command = account.command(programs.initdb());
    command
        .args(["--auth=scram-sha-256", "--locale=C", "--encoding=UTF8", "--no-instructions"])
        .arg(format!("--username={SUPERUSER}"))
        .arg("--pwfile")
        .arg(folder.password())
        .arg("--pgdata")
        .arg(&unfinished);
    if durability == Durability::Throwaway {
        // Small log segments too: a cluster for tests is made, copied and removed often.
        command.args(["--no-sync", "--wal-segsize=1"]);
    }
    let answer = command.output().map_err(|source| account.cannot_run(&programs.initdb(), source))?;
    if !answer.status.success() {
        let said = [answer.stdout, answer.stderr].concat();
        let output = String::from_utf8_lossy(&said).trim().to_owned();
        return Err(EmbeddedError::InitFailed { cluster, output });
    }
    fs::rename(&unfinished, &cluster).on_file("move the new cluster to", &cluster)?;
    File::open(folder.root()).and_then(|root| root.sync_all()).on_file("write through", folder.root())
}
