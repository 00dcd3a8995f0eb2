//! Settings of where data lives and how the database is reached; every command that needs the database has them.

use std::{fmt, path::PathBuf};

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, DatabaseUrl, Environment, SettingsFile, process_environment};
use crate::embedded;

/// Where root keeps its data: PostgreSQL's user must be able to get there.
const SYSTEM_DATA_DIR: &str = "/var/lib/trellis";

/// Connections that the pools may open together, where nothing is said.
const DEFAULT_POOL_SIZE: usize = 16;

/// Memory that the private server gives to its page cache, where nothing is said.
const DEFAULT_SHARED_BUFFERS: &str = "128MB";

/// Settings of data and database, as given.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Data and database")]
pub struct StorageSettings {
    /// Folder for the private database, generated passwords and files
    /// [default: /var/lib/trellis as root, else $XDG_DATA_HOME/trellis or ~/.local/share/trellis]
    #[arg(long, global = true, env = "TRELLIS_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// Use this PostgreSQL server instead of a private one. The login must be able to create roles and a schema (or see
    /// the next two settings). DATABASE_URL is read too
    #[arg(long, global = true, env = "TRELLIS_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = address())]
    pub database_url: Option<DatabaseUrl>,

    /// Hardened set-up: log in as the role trellis_app itself with this address
    #[arg(long, global = true, env = "TRELLIS_APP_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = address())]
    pub app_database_url: Option<DatabaseUrl>,

    /// Hardened set-up: log in as the role trellis_system itself with this address
    #[arg(long, global = true, env = "TRELLIS_SYSTEM_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = address())]
    pub system_database_url: Option<DatabaseUrl>,

    /// Most database connections open at one time [default: 16]
    #[arg(long, global = true, env = "TRELLIS_POOL_SIZE", value_name = "NUMBER")]
    pub pool_size: Option<usize>,

    /// Folder of the PostgreSQL programs for the private server [default: searched for]
    #[arg(long, global = true, env = "TRELLIS_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,

    /// Page cache of the private server, a quarter of the machine's memory on a machine of its own [default: 128MB]
    #[arg(long, global = true, env = "TRELLIS_SHARED_BUFFERS", value_name = "SIZE")]
    pub shared_buffers: Option<String>,

    /// Folders of further industry templates beside the built-in ones; repeat the flag, or separate by ":"
    #[arg(long, global = true, env = "TRELLIS_TEMPLATES", value_name = "FOLDER", value_delimiter = ':')]
    pub templates: Vec<PathBuf>,
}

/// Settings of data and database, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Folder for everything that is kept outside the database; may not exist yet.
    pub data_dir: PathBuf,
    /// A server of one's own: the login that migrates.
    pub database_url: Option<DatabaseUrl>,
    /// A server of one's own: the login `trellis_app`, if it is a login.
    pub app_database_url: Option<DatabaseUrl>,
    /// A server of one's own: the login `trellis_system`, if it is a login.
    pub system_database_url: Option<DatabaseUrl>,
    /// Most connections open at one time; at least 2.
    pub pool_size: usize,
    /// Folder of the PostgreSQL programs.
    pub pg_bin: Option<PathBuf>,
    /// `shared_buffers` of the private server, with its unit.
    pub shared_buffers: String,
    /// Folders of further templates.
    pub templates: Vec<PathBuf>,
}

/// Clap's parser for an address: anything, for the database driver knows best; never repeated in a message.
fn address() -> impl clap::builder::TypedValueParser<Value = DatabaseUrl> {
    use clap::builder::{StringValueParser, TypedValueParser};
    StringValueParser::new().map(DatabaseUrl::from)
}

impl StorageSettings {
    /// Fills in what flags and variables left open: from the file, then by default.
    ///
    /// # Errors
    /// If a value of the file is wrong or values contradict each other.
    pub fn resolve(self, file: &SettingsFile) -> Result<Storage, ConfigError> {
        self.resolve_in(&process_environment, file)
    }

    pub(super) fn resolve_in(
        self,
        environment: Environment<'_>,
        file: &SettingsFile,
    ) -> Result<Storage, ConfigError> {
        let given = self.with_usual_variable(environment).or(file.group()?);
        let storage = Storage {
            data_dir: given
                .data_dir
                .or_else(|| default_data_dir(environment))
                .ok_or(ConfigError::NoDataDir)?,
            database_url: given.database_url,
            app_database_url: given.app_database_url,
            system_database_url: given.system_database_url,
            pool_size: given.pool_size.unwrap_or(DEFAULT_POOL_SIZE),
            pg_bin: given.pg_bin,
            shared_buffers: given.shared_buffers.unwrap_or_else(|| DEFAULT_SHARED_BUFFERS.to_owned()),
            templates: given.templates,
        };
        storage.check()?;
        Ok(storage)
    }

    /// `DATABASE_URL` is what hosting services set; ours is more exact, so it comes first.
    fn with_usual_variable(mut self, environment: Environment<'_>) -> Self {
        self.database_url = self.database_url.filter(|url| !url.reveal().is_empty()).or_else(|| {
            environment("DATABASE_URL").and_then(|url| url.into_string().ok()).map(DatabaseUrl::from)
        });
        self
    }

    fn or(self, file: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(file.data_dir),
            database_url: self.database_url.or(file.database_url),
            app_database_url: self.app_database_url.or(file.app_database_url),
            system_database_url: self.system_database_url.or(file.system_database_url),
            pool_size: self.pool_size.or(file.pool_size),
            pg_bin: self.pg_bin.or(file.pg_bin),
            shared_buffers: self.shared_buffers.or(file.shared_buffers),
            templates: if self.templates.is_empty() { file.templates } else { self.templates },
        }
    }
}

impl Storage {
    /// The private server to start; `None` if a server of one's own is given.
    pub fn embedded(&self) -> Option<embedded::Options> {
        let own_server = self.database_url.is_some() || self.app_database_url.is_some();
        if own_server {
            return None;
        }
        let mut options = embedded::Options::new(self.data_dir.join("postgres"));
        options.pg_bin = self.pg_bin.clone();
        options.shared_buffers = self.shared_buffers.clone();
        Some(options)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let contradiction = |text: &str| Err(ConfigError::Contradiction(text.to_owned()));
        if self.app_database_url.is_some() != self.system_database_url.is_some() {
            return contradiction(
                "app_database_url and system_database_url go together: give both or neither",
            );
        }
        if self.pool_size < 2 {
            return contradiction("pool_size must be at least 2");
        }
        Ok(())
    }
}

/// One line per setting, without passwords.
impl fmt::Display for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "data_dir = {}", self.data_dir.display())?;
        let urls = [
            ("database_url", &self.database_url),
            ("app_database_url", &self.app_database_url),
            ("system_database_url", &self.system_database_url),
        ];
        for (name, url) in urls {
            if let Some(url) = url {
                writeln!(formatter, "{name} = {url}")?;
            }
        }
        if self.embedded().is_some() {
            writeln!(formatter, "database = private PostgreSQL, shared_buffers = {}", self.shared_buffers)?;
        }
        writeln!(formatter, "pool_size = {}", self.pool_size)?;
        self.templates.iter().try_for_each(|folder| writeln!(formatter, "templates = {}", folder.display()))
    }
}

fn default_data_dir(environment: Environment<'_>) -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(PathBuf::from(SYSTEM_DATA_DIR));
    }
    let of_data = environment("XDG_DATA_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let below_home = || environment("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    of_data.or_else(below_home).map(|folder| folder.join("trellis"))
}
