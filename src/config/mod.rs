//! Typed settings, read once: from flags, `TRELLIS_*` variables, a TOML file, defaults, in that order.
//!
//! Each group of settings is one struct of optional values. It is read by clap (flags and variables) and by serde
//! (file), so a setting is declared once; its name is the flag with `_` for `-`. Nothing else in Trellis looks at the
//! environment, and nothing here is printed with a password in it.

mod file;
mod log;
mod secret;
mod serve;
mod storage;
#[cfg(test)]
mod tests;

use std::{ffi::OsString, path::PathBuf};

pub use file::SettingsFile;
pub use log::{Log, LogFormat, LogSettings};
pub use secret::{DatabaseUrl, Secret};
pub use serve::{HttpSettings, ServeSettings, Settings, Signup};
pub use storage::{Storage, StorageSettings};

/// Why the settings cannot be used. Every message names the setting.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file could not be read.
    #[error("could not read the settings file {path}")]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The settings file is not TOML.
    #[error("the settings file {path} is not valid TOML")]
    Syntax {
        /// As given.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// The settings file holds a key that is no setting.
    #[error("the settings file {path} has an unknown key `{key}`{hint}")]
    UnknownKey {
        /// As given.
        path: PathBuf,
        /// The key.
        key: String,
        /// `; did you mean …?`, or nothing.
        hint: String,
    },
    /// The settings file holds a value of the wrong type or form.
    #[error("the settings file {path} has a wrong value")]
    WrongValue {
        /// As given.
        path: PathBuf,
        /// Which key, and why.
        source: toml::de::Error,
    },
    /// Values that each are fine, but not together.
    #[error("{0}")]
    Contradiction(String),
    /// No place for the data.
    #[error(
        "there is no home folder to keep data in: give a data folder with --data-dir or TRELLIS_DATA_DIR"
    )]
    NoDataDir,
}

/// The variables of the environment that are not ours (`DATABASE_URL`, `HOME`), as a function so that tests can give
/// their own.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The process's environment. An empty variable counts as none.
fn process_environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
