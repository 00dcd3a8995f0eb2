//! The launcher's folder: what lies where in it, and who may enter.

use std::{
    fs::{self, DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    account::Account,
    error::{EmbeddedError, OnFile},
};

/// Longest path of a Unix socket, in bytes, that every system accepts (macOS: 104 with the closing zero).
const LONGEST_SOCKET_PATH: usize = 103;

/// What PostgreSQL names its socket, with the port that only serves as a name here.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// The folder given by [`super::Options::folder`], as an absolute path without links.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folder (and its parents) where missing.
    pub(super) fn prepare(path: &Path) -> Result<Self, EmbeddedError> {
        let path = std::path::absolute(path).on_file("find", path)?;
        let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
        for (depth, folder) in missing.iter().enumerate().rev() {
            // Only the innermost is private: the others may lie on somebody's way.
            make_folder(folder, if depth == 0 { 0o700 } else { 0o755 })?;
        }
        Ok(Self { root: path.canonicalize().on_file("find", &path)? })
    }

    /// Lets another user pass through (not look around) if PostgreSQL runs as one, and checks that it gets here.
    pub(super) fn admit(&self, account: &Account) -> Result<(), EmbeddedError> {
        if *account != Account::Own {
            let mode = fs::metadata(&self.root).on_file("look at", &self.root)?.mode();
            set_mode(&self.root, mode & 0o7777 | 0o011)?;
        }
        account.check_reach(&self.root)
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// PostgreSQL's data directory.
    pub(super) fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    /// A data directory that `initdb` has not finished.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.root.join("cluster.unfinished")
    }

    /// The superuser's password, readable by PostgreSQL's user alone.
    pub(super) fn password(&self) -> PathBuf {
        self.root.join("password")
    }

    /// What the server says.
    pub(super) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// Locked while a process runs this folder's server; names that process.
    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The major version that wrote the data; `None` before the first start.
    pub(super) fn data_major(&self) -> Result<Option<u32>, EmbeddedError> {
        let file = self.cluster().join("PG_VERSION");
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file).on_file("read", &file)?;
        let digits = text.trim().split('.').next().unwrap_or_default();
        Ok(Some(digits.parse().unwrap_or_default()))
    }

    /// Makes the folder that holds the socket: `run` in this folder, or, where that path would be too long for a
    /// socket, one with a short name under the system's temporary folder.
    pub(super) fn prepare_socket_folder(&self, account: &Account) -> Result<PathBuf, EmbeddedError> {
        let folder = self.socket_folder();
        if let Ok(there) = fs::symlink_metadata(&folder) {
            let expected =
                there.is_dir() && [account.uid(), rustix::process::geteuid().as_raw()].contains(&there.uid());
            if !expected {
                return Err(EmbeddedError::NotOurs { path: folder, owner: there.uid() });
            }
        } else {
            make_folder(&folder, 0o700)?;
        }
        set_mode(&folder, 0o700)?;
        account.own(&folder)?;
        account.check_reach(&folder)?;
        Ok(folder)
    }

    fn socket_folder(&self) -> PathBuf {
        let fits = |folder: &Path| folder.as_os_str().len() + 1 + SOCKET_NAME.len() <= LONGEST_SOCKET_PATH;
        let near = self.root.join("run");
        if fits(&near) {
            return near;
        }
        let digest = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("trellis-{name}");
        let short = std::env::temp_dir().join(&name);
        if fits(&short) { short } else { Path::new("/tmp").join(&name) }
    }
}

/// Removes a socket and its lock that a dead server left behind. Safe only while no live server uses the folder.
pub(super) fn clear_socket(folder: &Path) -> Result<(), EmbeddedError> {
    for name in [SOCKET_NAME.to_owned(), format!("{SOCKET_NAME}.lock")] {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).on_file("remove", &path);
            }
            _ => {}
        }
    }
    Ok(())
}

fn make_folder(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        // The mode is set again because the process's mask may have taken bits away.
        answer => answer.on_file("create", path).and_then(|()| set_mode(path, mode)),
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).on_file("set the permissions of", path)
}
