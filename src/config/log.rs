//! Settings of the log that Trellis writes.

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::{ConfigError, SettingsFile};

/// What the log holds where nothing is said.
const DEFAULT_FILTER: &str = "info,tokio_postgres=warn,hyper=warn,deadpool=error";

/// Settings of the log, as given; every command has them.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// Form of the log on standard error: text for people, json (one object a line) for machines [default: text]
    #[arg(long, global = true, env = "TRELLIS_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// What the log holds, by module and level: "info", "debug", "warn,trellis::record=debug"
    /// [default: info,tokio_postgres=warn,hyper=warn,deadpool=error]
    #[arg(long, global = true, env = "TRELLIS_LOG_FILTER", value_name = "FILTER")]
    pub log_filter: Option<String>,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings of the log, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its form.
    pub format: LogFormat,
    /// Directives in the syntax of `tracing_subscriber::EnvFilter`; checked.
    pub filter: String,
}

impl LogSettings {
    /// Fills in what flags and variables left open.
    ///
    /// # Errors
    /// If a value of the file, or the filter, is wrong.
    pub fn resolve(self, file: &SettingsFile) -> Result<Log, ConfigError> {
        let file: Self = file.group()?;
        let filter = self.log_filter.or(file.log_filter).unwrap_or_else(|| DEFAULT_FILTER.to_owned());
        if let Err(error) = filter.parse::<tracing_subscriber::EnvFilter>() {
            return Err(ConfigError::Contradiction(format!("log_filter `{filter}` is wrong: {error}")));
        }
        Ok(Log { format: self.log_format.or(file.log_format).unwrap_or_default(), filter })
    }
}
