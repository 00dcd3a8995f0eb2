//! Ends a throwaway server when the process that started it ends, however that happens.
//!
//! A test run's shared server has no one to stop it: statics are never dropped, and a run may be killed. So a shell
//! waits on a pipe whose other end this process holds; the system closes it with the process, and the shell tidies up.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{error::EmbeddedError, folder::Folder};

/// `$1` the cluster, `$2` the folder to remove or nothing. Waits for the server for at most ten seconds.
const SCRIPT: &str = r#"
read -r _
if pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null); then
  kill -QUIT "$pid" 2>/dev/null
  turns=0
  while kill -0 "$pid" 2>/dev/null && [ "$turns" -lt 100 ]; do sleep 0.1; turns=$((turns + 1)); done
fi
[ -z "$2" ] || rm -rf -- "$2"
"#;

/// A waiting shell.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Starts the shell, in a process group of its own so that a Ctrl-C leaves it to its duty.
    pub(super) fn start(folder: &Folder, remove_folder: bool) -> Result<Self, EmbeddedError> {
        let shell = Path::new("/bin/sh");
        let mut command = Command::new(shell);
        command.arg("-c").arg(SCRIPT).arg("sh").arg(folder.cluster());
        command.arg(if remove_folder { folder.root() } else { Path::new("") });
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let shell = command.spawn().map_err(|source| EmbeddedError::Program {
            program: shell.to_owned(),
            account: String::new(),
            source,
        })?;
        Ok(Self { shell })
    }

    /// Lets the shell finish (the server is stopped by now) and waits for it.
    pub(super) fn release(mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "could not wait for the watchdog of a throwaway server");
        }
    }
}
