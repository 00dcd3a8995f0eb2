//! The application's state, shared by API and pages.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_util::task::TaskTracker;
use url::Url;

use super::limits::RateLimits;
use super::metrics::Metrics;
use crate::blob::FileStore;
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::identity::{Hasher, Identity};
use crate::template::Catalogue;
use crate::work::Caches;

/// The state that handlers ask for.
pub type AppState = Arc<App>;

/// Everything that outlives a request.
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Compiled schemas and roles.
    pub caches: Caches,
    /// Users, sessions and their keys.
    pub identity: Identity,
    /// Contents of uploaded files.
    pub files: Arc<dyn FileStore>,
    /// The industry templates.
    pub catalogue: Catalogue,
    /// What the edge must know of the installation.
    pub settings: HttpSettings,
    /// Requests that a user may send.
    pub rates: RateLimits,
    /// Counters and timings for operators.
    pub metrics: Metrics,
    /// Work that a client's leaving must not cut short; the server waits for it before it stops.
    pub tasks: TaskTracker,
}

/// What the HTTP edge must know of the installation.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The address under which people reach the installation.
    pub root_url: Url,
    /// With it, workspaces are also reached as `{slug}.{root_domain}`.
    pub root_domain: Option<String>,
    /// Whether cookies are for encrypted connections only; true wherever the root address is https.
    pub secure_cookies: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests a minute that one user may send to the API; 0 means no limit.
    pub rate_limit: u32,
    /// Bytes of a file that is uploaded.
    pub file_bytes: u64,
    /// Whether strangers may sign up.
    pub open_sign_up: bool,
}

impl App {
    /// Puts the state together and loads the signing keys.
    pub async fn open(
        db: Db,
        clock: Clock,
        files: Arc<dyn FileStore>,
        catalogue: Catalogue,
        settings: HttpSettings,
    ) -> Result<AppState, DbError> {
        let identity = Identity::open(db.clone(), clock.clone(), Hasher::default()).await?;
        Ok(Arc::new(Self {
            db,
            clock,
            caches: Caches::default(),
            files,
            catalogue,
            identity,
            rates: RateLimits::new(settings.rate_limit),
            settings,
            metrics: Metrics::install(),
            tasks: TaskTracker::new(),
        }))
    }
}
