//! The installation that a command works on: its database, private or given, migrated, with its keys.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::blob::{FileStore, LocalDisk};
use crate::clock::Clock;
use crate::config::{Log, LogFormat, LogSettings, SettingsFile, Storage, StorageSettings};
use crate::db::{Db, DbSettings, Logins, migrate};
use crate::embedded::Embedded;
use crate::identity::{Hasher, Identity};
use crate::template::Catalogue;
use crate::work::Caches;
use crate::worker::Background;

/// Settings that every command with a database takes.
#[derive(Debug, Default, Args)]
pub struct InstallationArgs {
    /// Settings file (TOML); flags and variables win over it
    #[arg(long, global = true, env = "TRELLIS_CONFIG", value_name = "FILE")]
    config: Option<std::path::PathBuf>,

    #[command(flatten)]
    storage: StorageSettings,

    #[command(flatten)]
    log: LogSettings,
}

/// An open installation. A private server that another process runs is shared with it.
pub struct Installation {
    /// The database.
    pub db: Db,
    /// Users and their keys.
    pub identity: Identity,
    /// The templates.
    pub catalogue: Catalogue,
    /// Compiled schemas.
    pub caches: Caches,
    /// The time.
    pub clock: Clock,
    /// Contents of uploaded files.
    pub files: Arc<dyn FileStore>,
    embedded: Option<Embedded>,
}

impl InstallationArgs {
    /// Opens the installation, does the work, and closes it again.
    pub fn run(
        self,
        work: impl AsyncFnOnce(&Installation) -> anyhow::Result<ExitCode>,
    ) -> anyhow::Result<ExitCode> {
        let file = SettingsFile::read(self.config.as_deref())?;
        let log = self.log.resolve(&file)?;
        start_log(&log);
        let storage = self.storage.resolve(&file)?;
        runtime(2)?.block_on(async {
            let installation = Installation::open(&storage, Owner::Maybe).await?;
            let done = work(&installation).await;
            installation.close().await?;
            done
        })
    }
}

/// Whether this process must own the private server, or may share that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It must: `trellis serve`.
    Must,
    /// It may share: commands beside a running `trellis serve`.
    Maybe,
}

impl Installation {
    /// Starts or reaches the database, migrates it, and loads keys and templates.
    pub async fn open(storage: &Storage, owner: Owner) -> anyhow::Result<Self> {
        let (logins, embedded) = logins(storage, owner).await?;
        let db = Db::connect(&DbSettings { logins, pool_size: storage.pool_size }).await?;
        let clock = Clock::System;
        let catalogue = Catalogue::new(&storage.templates);
        for problem in catalogue.rejected() {
            tracing::warn!("{problem}");
        }
        let identity = Identity::open(db.clone(), clock.clone(), Hasher::default()).await?;
        let files = Arc::new(LocalDisk::new(storage.data_dir.join("files")));
        Ok(Self { db, identity, catalogue, caches: Caches::default(), clock, files, embedded })
    }

    /// What the work in the background needs of it.
    pub fn background(&self) -> Background {
        Background {
            db: self.db.clone(),
            caches: self.caches.clone(),
            clock: self.clock.clone(),
            files: self.files.clone(),
        }
    }

    /// Closes the pools, then stops the private server, if it is ours.
    pub async fn close(self) -> anyhow::Result<()> {
        self.db.close();
        if let Some(embedded) = self.embedded {
            embedded.stop().await.context("the private PostgreSQL server did not stop")?;
        }
        Ok(())
    }
}

async fn logins(storage: &Storage, owner: Owner) -> anyhow::Result<(Logins, Option<Embedded>)> {
    if let Some(options) = storage.embedded() {
        let embedded = match owner {
            Owner::Must => Embedded::start(options).await?,
            Owner::Maybe => Embedded::start_or_share(options).await?,
        };
        let admin = embedded.admin_config();
        migrated(&admin).await?;
        let password = String::from_utf8_lossy(admin.get_password().unwrap_or_default()).into_owned();
        let logins = migrate::logins_of_own_server(&admin, &password).await?;
        return Ok((logins, Some(embedded)));
    }
    let parse = |url: &Option<crate::config::DatabaseUrl>| {
        url.as_ref().map(|url| url.reveal().parse::<tokio_postgres::Config>()).transpose()
    };
    let what = "the database address is not a PostgreSQL address such as postgres://user@host/database";
    let admin = parse(&storage.database_url).context(what)?.context("no database address was given")?;
    migrated(&admin).await?;
    let (app, system) =
        (parse(&storage.app_database_url).context(what)?, parse(&storage.system_database_url).context(what)?);
    let logins = match (app, system) {
        (Some(app), Some(system)) => {
            Logins::Each { admin: Box::new(admin), app: Box::new(app), system: Box::new(system) }
        }
        _ => Logins::One(Box::new(admin)),
    };
    Ok((logins, None))
}

async fn migrated(admin: &tokio_postgres::Config) -> anyhow::Result<()> {
    for name in migrate::migrate(admin).await.context("the database could not be migrated")? {
        tracing::info!(migration = name, "applied the migration {name}");
    }
    Ok(())
}

/// A runtime with so many threads for requests.
pub fn runtime(threads: usize) -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?)
}

/// Starts logging to standard error.
pub fn start_log(log: &Log) {
    let filter = tracing_subscriber::EnvFilter::new(&log.filter);
    let coloured = std::io::stderr().is_terminal();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(coloured).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => subscriber.compact().try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    if let Err(error) = started {
        eprintln!("trellis: the log could not be started: {error}");
    }
}
