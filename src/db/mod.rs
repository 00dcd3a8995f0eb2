//! The only way to PostgreSQL. The pools are private; what leaves this room is a transaction that already knows its
//! tenant ([`TenantTx`]) or its purpose ([`SystemTx`]). This room knows no table of the engine.

mod error;
mod login;
pub mod migrate;
mod sql;
mod system;
mod tenant;
mod transaction;

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod, Runtime, Timeouts};
use tokio_postgres::Config;

pub use error::{Constraint, DbError};
pub use login::{Logins, Role};
pub use sql::{DynamicSql, Param};
pub use system::{SystemPurpose, SystemTx};
pub use tenant::TenantTx;

use crate::id::TenantId;

/// How the database is reached.
#[derive(Clone)]
pub struct DbSettings {
    /// Which logins play the three roles.
    pub logins: Logins,
    /// Connections of the runtime role; the control plane gets a quarter as many.
    pub pool_size: usize,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    app: Pool,
    system: Pool,
}

impl Db {
    /// Opens the pools and refuses a runtime role that could go round row-level security.
    pub async fn connect(settings: &DbSettings) -> Result<Self, DbError> {
        let app = pool(settings.logins.config(Role::App), Role::App, settings.pool_size)?;
        let system =
            pool(settings.logins.config(Role::System), Role::System, settings.pool_size.div_ceil(4))?;
        let db = Self { app, system };
        login::refuse_powerful_role(&db.app).await?;
        login::refuse_powerful_role(&db.system).await?;
        Ok(db)
    }

    /// A transaction inside one tenant. Nothing is sent yet: BEGIN travels with the first statement.
    pub async fn tenant(&self, tenant: TenantId) -> Result<TenantTx, DbError> {
        Ok(TenantTx::new(self.app.get().await?, tenant))
    }

    /// A transaction of the control plane, for one of a short list of purposes.
    pub async fn system(&self, purpose: SystemPurpose) -> Result<SystemTx, DbError> {
        tracing::debug!(?purpose, "control plane transaction");
        Ok(SystemTx::new(self.system.get().await?))
    }

    /// Whether the database answers and every migration of this binary has been applied.
    pub async fn ready(&self) -> Result<(), DbError> {
        migrate::assert_current(&*self.system.get().await?).await
    }

    /// How busy each pool is, by the name of its role.
    pub fn pools(&self) -> [(&'static str, deadpool_postgres::Status); 2] {
        [("app", self.app.status()), ("system", self.system.status())]
    }

    /// Closes the pools; transactions still open end first.
    pub fn close(&self) {
        self.app.close();
        self.system.close();
    }
}

fn pool(config: Config, role: Role, size: usize) -> Result<Pool, DbError> {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config, login::tls(), manager);
    Pool::builder(manager)
        .max_size(size.max(2))
        // The connection that was used last is the one whose backend is still in the processor's caches.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(Duration::from_secs(5)),
            create: Some(Duration::from_secs(5)),
            recycle: Some(Duration::from_secs(5)),
        })
        .post_create(login::assume(role))
        .build()
        .map_err(|source| DbError::Configuration(source.to_string()))
}
