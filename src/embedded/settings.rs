//! The server's own settings, as arguments on its command line: nothing in the data folder is edited.

use std::{ffi::OsString, path::Path};

use super::{Durability, Options};

/// Settings that suit Trellis whatever the machine. `listen_addresses=''` is what keeps every TCP port closed.
const ALWAYS: [&str; 9] = [
    "listen_addresses=",
    "port=5432",
    "jit=off",
    "random_page_cost=1.1",
    "wal_compression=on",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] ",
    "log_checkpoints=off",
];

/// Statements and row contents stay out of the log: it is a place without row-level security.
const PRIVATE_LOG: [&str; 2] = ["log_min_error_statement=panic", "log_error_verbosity=terse"];

/// A commit is on disk before it is confirmed.
const FULL: [&str; 3] = ["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

/// Nothing waits for the disk.
const THROWAWAY: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];

/// Everything that follows the program's name. The caller's extra settings come last, so they win.
pub(super) fn arguments(options: &Options, cluster: &Path, socket_folder: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-D".into(), cluster.into(), "-k".into(), quoted(socket_folder)];
    let durability = match options.durability {
        Durability::Full => FULL,
        Durability::Throwaway => THROWAWAY,
    };
    let fixed = ALWAYS.iter().chain(&PRIVATE_LOG).chain(&durability).map(|setting| (*setting).to_owned());
    let sized = [
        format!("shared_buffers={}", options.shared_buffers),
        format!("max_connections={}", options.max_connections),
    ];
    let extra = options.extra_settings.iter().map(|(name, value)| format!("{name}={value}"));
    for setting in fixed.chain(sized).chain(extra) {
        arguments.push("-c".into());
        arguments.push(setting.into());
    }
    arguments
}

/// The setting is a comma-separated list: quotes keep a comma or a space in a path from splitting it.
fn quoted(folder: &Path) -> OsString {
    let mut text = OsString::from("\"");
    text.push(folder);
    text.push("\"");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_settings_come_after_our_own() {
        let mut options = Options::new("/data");
        options.extra_settings.push(("shared_buffers".into(), "1GB".into()));
        let arguments = arguments(&options, Path::new("/data/cluster"), Path::new("/data/a, b"));
        assert_eq!(arguments[..4], ["-D", "/data/cluster", "-k", "\"/data/a, b\""]);
        assert_eq!(arguments.last().and_then(|last| last.to_str()), Some("shared_buffers=1GB"));
        assert!(arguments.contains(&"fsync=on".into()));
    }
}
