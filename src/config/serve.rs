//! Settings of `trellis serve`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{ArgAction, Args, ValueEnum};
use serde::Deserialize;
use url::Url;

use super::{ConfigError, Environment, Log, LogSettings, Secret, SettingsFile, Storage, StorageSettings};

/// Where Trellis listens where nothing is said: this machine alone.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Requests a minute that one user may make to the API, where nothing is said.
const DEFAULT_RATE_LIMIT: u32 = 100;

/// MiB of a file that people may upload, where nothing is said.
const DEFAULT_FILE_SIZE: u32 = 25;

/// All settings of `trellis serve`, as given.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeSettings {
    /// Settings file (TOML); its keys are the names of these settings with "_" for "-". Flags and variables win over it
    #[arg(long, env = "TRELLIS_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Server.
    #[command(flatten)]
    pub http: HttpSettings,

    /// Data and database.
    #[command(flatten)]
    pub storage: StorageSettings,

    /// Log.
    #[command(flatten)]
    pub log: LogSettings,
}

/// Settings of the web server, as given.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Server")]
pub struct HttpSettings {
    /// Address and port to listen on; 0.0.0.0:8080 lets other machines in [default: 127.0.0.1:8080]
    #[arg(long, env = "TRELLIS_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Address by which browsers reach Trellis, with scheme [default: http://<listen>]
    #[arg(long, env = "TRELLIS_ROOT_URL", value_name = "URL")]
    pub root_url: Option<String>,

    /// Domain under which workspaces are reached as <slug>.<domain> too [default: as /t/<slug> only]
    #[arg(long, env = "TRELLIS_ROOT_DOMAIN", value_name = "DOMAIN")]
    pub root_domain: Option<String>,

    /// Send the session cookie over HTTPS only [default: whether root_url is https]
    #[arg(
        long,
        env = "TRELLIS_SECURE_COOKIES",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub secure_cookies: Option<bool>,

    /// Addresses of reverse proxies whose X-Forwarded-For is believed; repeat the flag, or separate by ","
    #[arg(long, env = "TRELLIS_TRUSTED_PROXIES", value_name = "IP", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpAddr>,

    /// Requests a minute that one user may make to the API; 0 for no limit [default: 100]
    #[arg(long, env = "TRELLIS_RATE_LIMIT", value_name = "NUMBER")]
    pub rate_limit: Option<u32>,

    /// Size of a file that people may upload, in MiB [default: 25]
    #[arg(long, env = "TRELLIS_FILE_SIZE", value_name = "MIB")]
    pub file_size: Option<u32>,

    /// Whether strangers may sign up and found a workspace [default: open]
    #[arg(long, env = "TRELLIS_SIGNUP", value_name = "WHO")]
    pub signup: Option<Signup>,

    /// Threads that serve requests [default: one per processor core]
    #[arg(long, env = "TRELLIS_WORKERS", value_name = "NUMBER")]
    pub workers: Option<usize>,

    /// Make a platform administrator and one demo workspace per industry at start, where missing
    #[arg(
        long,
        env = "TRELLIS_DEMO",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub demo: Option<bool>,

    /// Password of the demo accounts [default: made at random, printed, and kept in the data folder]
    #[arg(long, env = "TRELLIS_DEMO_PASSWORD", hide_env_values = true, value_name = "PASSWORD", value_parser = password())]
    pub demo_password: Option<Secret>,
}

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signup {
    /// Everybody.
    #[default]
    Open,
    /// Nobody: accounts are made by `trellis user create` or by administrators.
    Closed,
}

/// All settings of `trellis serve`, complete. Shown, it is one line per setting without passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Public base address: http or https, without path, query or fragment.
    pub root_url: Url,
    /// Domain under which workspaces are reached as `{slug}.{domain}`, if any; lower-case.
    pub root_domain: Option<String>,
    /// Whether cookies carry `Secure`.
    pub secure_cookies: bool,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// API requests per minute and user; `None` for no limit.
    pub rate_limit: Option<std::num::NonZeroU32>,
    /// MiB of a file that is uploaded.
    pub file_size: u32,
    /// Who may sign up.
    pub signup: Signup,
    /// Threads that serve requests; at least 1.
    pub workers: usize,
    /// Seed demo data at start.
    pub demo: bool,
    /// Password of the demo accounts, if given.
    pub demo_password: Option<Secret>,
    /// Data and database.
    pub storage: Storage,
    /// Log.
    pub log: Log,
}

/// Clap's parser for a password, which is never repeated in a message.
fn password() -> impl clap::builder::TypedValueParser<Value = Secret> {
    use clap::builder::{StringValueParser, TypedValueParser};
    StringValueParser::new().map(Secret::from)
}

impl ServeSettings {
    /// Reads the settings file, if any, and fills in what flags and variables left open.
    ///
    /// # Errors
    /// If the file cannot be used, a value is wrong, or values contradict each other.
    pub fn resolve(self) -> Result<Settings, ConfigError> {
        let file = SettingsFile::read(self.config.as_deref())?;
        self.resolve_in(&super::process_environment, &file)
    }

    pub(super) fn resolve_in(
        self,
        environment: Environment<'_>,
        file: &SettingsFile,
    ) -> Result<Settings, ConfigError> {
        let given = self.http.or(file.group()?);
        let listen = given.listen.unwrap_or(DEFAULT_LISTEN);
        let root_url = root_url(given.root_url, listen)?;
        Ok(Settings {
            listen,
            secure_cookies: given.secure_cookies.unwrap_or(root_url.scheme() == "https"),
            root_url,
            root_domain: given.root_domain.map(|domain| domain.trim_matches('.').to_lowercase()),
            trusted_proxies: given.trusted_proxies,
            rate_limit: std::num::NonZeroU32::new(given.rate_limit.unwrap_or(DEFAULT_RATE_LIMIT)),
            file_size: given.file_size.unwrap_or(DEFAULT_FILE_SIZE),
            signup: given.signup.unwrap_or_default(),
            workers: given.workers.unwrap_or_else(cores).max(1),
            demo: given.demo.unwrap_or_default(),
            demo_password: given.demo_password.filter(|password| !password.reveal().is_empty()),
            storage: self.storage.resolve_in(environment, file)?,
            log: self.log.resolve(file)?,
        })
    }
}

impl HttpSettings {
    fn or(self, file: Self) -> Self {
        Self {
            listen: self.listen.or(file.listen),
            root_url: self.root_url.or(file.root_url),
            root_domain: self.root_domain.or(file.root_domain),
            secure_cookies: self.secure_cookies.or(file.secure_cookies),
            trusted_proxies: match self.trusted_proxies {
                none if none.is_empty() => file.trusted_proxies,
                given => given,
            },
            rate_limit: self.rate_limit.or(file.rate_limit),
            file_size: self.file_size.or(file.file_size),
            signup: self.signup.or(file.signup),
            workers: self.workers.or(file.workers),
            demo: self.demo.or(file.demo),
            demo_password: self.demo_password.or(file.demo_password),
        }
    }
}

/// One line per setting, without passwords.
impl fmt::Display for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "listen = {}", self.listen)?;
        writeln!(formatter, "root_url = {}", self.root_url)?;
        if let Some(domain) = &self.root_domain {
            writeln!(formatter, "root_domain = {domain}")?;
        }
        writeln!(formatter, "secure_cookies = {}", self.secure_cookies)?;
        for proxy in &self.trusted_proxies {
            writeln!(formatter, "trusted_proxies = {proxy}")?;
        }
        writeln!(formatter, "rate_limit = {}", self.rate_limit.map_or(0, std::num::NonZeroU32::get))?;
        writeln!(formatter, "file_size = {}", self.file_size)?;
        writeln!(formatter, "signup = {}", if self.signup == Signup::Open { "open" } else { "closed" })?;
        writeln!(formatter, "workers = {}", self.workers)?;
        writeln!(formatter, "demo = {}", self.demo)?;
        if let Some(password) = &self.demo_password {
            writeln!(formatter, "demo_password = {password}")?;
        }
        write!(formatter, "{}", self.storage)?;
        let format = if self.log.format == super::LogFormat::Text { "text" } else { "json" };
        writeln!(formatter, "log_format = {format}")?;
        write!(formatter, "log_filter = {}", self.log.filter)
    }
}

/// The public base address. A path is refused: pages link from the root of the host.
fn root_url(given: Option<String>, listen: SocketAddr) -> Result<Url, ConfigError> {
    let text = given.unwrap_or_else(|| local_url(listen));
    let wrong = |why: &str| Err(ConfigError::Contradiction(format!("root_url `{text}` {why}")));
    match Url::parse(&text) {
        Err(error) => wrong(&format!("is not an address: {error}")),
        Ok(url) if !["http", "https"].contains(&url.scheme()) => wrong("must begin with http:// or https://"),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => wrong("must not hold a login"),
        Ok(url) if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
            wrong("must end after the host name")
        }
        Ok(url) => Ok(url),
    }
}

/// How a browser on this machine reaches the server.
fn local_url(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        format!("http://localhost:{}", listen.port())
    } else {
        format!("http://{listen}")
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
