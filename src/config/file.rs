//! The settings file: TOML, one flat table, every key the name of a setting.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Command};
use serde::de::DeserializeOwned;

use super::{ConfigError, HttpSettings, LogSettings, StorageSettings};

/// How alike (0 to 1) a key must be to a setting's name to be taken for a slip of the pen.
const ALIKE: f64 = 0.8;

/// A settings file that was read and holds known keys only. Without a file it is empty.
#[derive(Debug, Default)]
pub struct SettingsFile {
    path: PathBuf,
    table: toml::Table,
}

impl SettingsFile {
    /// Reads the file, if one is given.
    ///
    /// # Errors
    /// If it cannot be read, is not TOML, or holds a key that is no setting of any command.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let path = path.to_owned();
        let table: toml::Table =
            text.parse().map_err(|source| ConfigError::Syntax { path: path.clone(), source })?;
        let known: Vec<String> =
            [names::<StorageSettings>(), names::<LogSettings>(), names::<HttpSettings>()].concat();
        if let Some(key) = table.keys().find(|key| !known.contains(key)) {
            return Err(ConfigError::UnknownKey { path, key: key.clone(), hint: hint(key, &known) });
        }
        Ok(Self { path, table })
    }

    /// The file's values for one group of settings.
    pub(super) fn group<G: Args + DeserializeOwned>(&self) -> Result<G, ConfigError> {
        let names = names::<G>();
        let own = self.table.iter().filter(|(key, _)| names.contains(key));
        let own: toml::Table = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        own.try_into().map_err(|source| ConfigError::WrongValue { path: self.path.clone(), source })
    }
}

/// The names of a group's settings, from the same declaration that makes its flags.
fn names<G: Args>() -> Vec<String> {
    let command = G::augment_args(Command::new("settings"));
    command.get_arguments().map(|argument| argument.get_id().as_str().to_owned()).collect()
}

fn hint(key: &str, known: &[String]) -> String {
    let key = key.replace('-', "_");
    let likeness = |name: &&String| strsim::jaro_winkler(&key, name);
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|name| likeness(name) >= ALIKE) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}
