//! Which operating-system user runs PostgreSQL: ourselves, or, because PostgreSQL refuses root, somebody without power.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStringExt, fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::error::{EmbeddedError, OnFile};

/// Prints the first of its arguments that the calling user may not enter. Asking the system itself, as that user, also
/// respects access lists, which looking at mode bits would not.
const FIRST_CLOSED: &str = r#"for d; do test -x "$d" || { printf %s "$d"; exit 1; }; done"#;

/// The user that every PostgreSQL program runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// The user that runs Trellis.
    Own,
    /// Another one, because Trellis runs as root.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
        /// Name, for messages.
        name: String,
    },
}

impl Account {
    /// A plain user runs PostgreSQL itself. Root hands it to whoever owns the data already, else to `postgres`, else
    /// to `nobody`.
    pub(super) fn choose(cluster: &Path) -> Result<Self, EmbeddedError> {
        let me = rustix::process::geteuid();
        let owner = match fs::metadata(cluster) {
            Ok(data) => Some((data.uid(), data.gid())),
            Err(_) => None,
        };
        if !me.is_root() {
            return match owner {
                Some((uid, _)) if uid != me.as_raw() => {
                    Err(EmbeddedError::NotOurs { path: cluster.to_owned(), owner: uid })
                }
                _ => Ok(Self::Own),
            };
        }
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            return Ok(Self::Other { uid, gid, name: format!("with id {uid}") });
        }
        let users = fs::read_to_string("/etc/passwd").on_file("read", Path::new("/etc/passwd"))?;
        ["postgres", "nobody"].iter().find_map(|name| find_user(&users, name)).ok_or(EmbeddedError::NoAccount)
    }

    /// A command that runs as this user, away from the caller's folder, terminal and PostgreSQL environment.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            // PGDATA, PGPORT, PGOPTIONS…: meant for a person's own server, not for ours.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Hands a file or folder to this user.
    pub(super) fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => std::os::unix::fs::chown(path, Some(*uid), Some(*gid))
                .on_file("hand to PostgreSQL's user", path),
        }
    }

    /// The user id that this account's files carry.
    pub(super) fn uid(&self) -> u32 {
        match self {
            Self::Own => rustix::process::geteuid().as_raw(),
            Self::Other { uid, .. } => *uid,
        }
    }

    /// Checks that this user gets as far as `folder`: every folder on the way must let it pass.
    pub(super) fn check_reach(&self, folder: &Path) -> Result<(), EmbeddedError> {
        let Self::Other { name, .. } = self else { return Ok(()) };
        let mut way: Vec<&Path> = folder.ancestors().collect();
        way.reverse();
        let shell = Path::new("/bin/sh");
        let mut command = self.command(shell);
        command.arg("-c").arg(FIRST_CLOSED).arg("sh").args(&way);
        let answer = command.output().map_err(|source| self.cannot_run(shell, source))?;
        if answer.status.success() {
            return Ok(());
        }
        let closed = PathBuf::from(std::ffi::OsString::from_vec(answer.stdout));
        Err(EmbeddedError::Unreachable { path: closed, account: name.clone() })
    }

    /// The error for a program that did not even start.
    pub(super) fn cannot_run(&self, program: &Path, source: std::io::Error) -> EmbeddedError {
        let account = match self {
            Self::Own => String::new(),
            Self::Other { name, .. } => format!(" as user {name}"),
        };
        EmbeddedError::Program { program: program.to_owned(), account, source }
    }
}

/// Finds a user in the text of `/etc/passwd` (`name:x:uid:gid:…`). An entry with id 0 is root under another name.
fn find_user(users: &str, wanted: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next().filter(|name| *name == wanted)?;
        let uid = parts.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        let gid = parts.next()?.parse().ok()?;
        Some(Account::Other { uid, gid, name: name.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str =
        "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:/\npostgres:x:101:103:PostgreSQL:/var:/bin/sh\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let found = find_user(USERS, "postgres");
        assert_eq!(found, Some(Account::Other { uid: 101, gid: 103, name: "postgres".into() }));
        assert_eq!(find_user(USERS, "nobody"), None);
    }

    #[test]
    fn root_is_never_chosen() {
        assert_eq!(find_user(USERS, "root"), None);
        assert_eq!(find_user("postgres:x:0:0::/:/", "postgres"), None);
    }
}
