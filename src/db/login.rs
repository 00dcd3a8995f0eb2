//! The three roles, the logins that play them, and the refusal of a role that is too powerful.

use deadpool_postgres::{Hook, HookError, Pool};
use hmac::{Hmac, KeyInit, Mac};
use rustls::{ClientConfig, RootCertStore};
use sha2::Sha256;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DbError;

/// A role of the database (see `docs/ARCHITECTURE.md`, isolation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Owns everything, runs migrations, is never used while serving.
    Owner,
    /// Reads and writes tenants' data under row-level security.
    App,
    /// The control plane: sign-in, tenants, sessions; no records.
    System,
}

impl Role {
    /// Its name in PostgreSQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "trellis_owner",
            Self::App => "trellis_app",
            Self::System => "trellis_system",
        }
    }
}

/// Which logins play the roles.
#[derive(Clone)]
pub enum Logins {
    /// One login that may assume all three by SET ROLE.
    One(Box<Config>),
    /// A login for migrations, and one each for the two runtime roles.
    Each {
        /// May create roles and the schema.
        admin: Box<Config>,
        /// Logs in as `trellis_app`.
        app: Box<Config>,
        /// Logs in as `trellis_system`.
        system: Box<Config>,
    },
}

/// Settings of every connection: names are unqualified, no query may run or hold locks for long.
const OPTIONS: &str = "-c search_path=trellis -c jit=off -c random_page_cost=1.1 -c timezone=UTC \
    -c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s \
    -c citus.propagate_set_commands=local";

impl Logins {
    /// The login that migrates.
    pub fn admin(&self) -> Config {
        match self {
            Self::One(config) => (**config).clone(),
            Self::Each { admin, .. } => (**admin).clone(),
        }
    }

    /// The login for a runtime role, with the settings of every connection.
    pub(super) fn config(&self, role: Role) -> Config {
        let mut config = match (self, role) {
            (Self::One(config), _) => (**config).clone(),
            (Self::Each { system, .. }, Role::System) => (**system).clone(),
            (Self::Each { app, .. }, _) => (**app).clone(),
        };
        let options = match config.get_options() {
            Some(own) => format!("{OPTIONS} {own}"),
            None => OPTIONS.to_owned(),
        };
        config.options(options).application_name("trellis");
        config
    }
}

/// The password of a runtime role on a server that Trellis itself runs, derived from the server's own.
pub fn derived_password(server_password: &str, role: Role) -> Result<String, DbError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(server_password.as_bytes())
        .map_err(|error| DbError::Configuration(error.to_string()))?;
    mac.update(role.name().as_bytes());
    Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Encryption for servers that ask for it, with the public web's roots; a unix socket needs none.
pub(super) fn tls() -> MakeRustlsConnect {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
    match config {
        Ok(config) => MakeRustlsConnect::new(config),
        Err(error) => unreachable!("the compiled-in provider speaks the default protocols: {error}"),
    }
}

/// Assumes the role on every new connection; a login that is the role already stays what it is.
pub(super) fn assume(role: Role) -> Hook {
    Hook::async_fn(move |client, _| {
        Box::pin(async move {
            client.batch_execute(&format!("set role {}", role.name())).await.map_err(HookError::Backend)
        })
    })
}

/// Row-level security does not hold for superusers, for roles with BYPASSRLS and for owners: none may serve.
pub(super) async fn refuse_powerful_role(pool: &Pool) -> Result<(), DbError> {
    let client = pool.get().await?;
    let row = client
        .query_one(
            "select current_user::text, rolsuper, rolbypassrls,
               exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       where n.nspname = 'trellis' and pg_has_role(current_user, c.relowner, 'usage'))
             from pg_roles where rolname = current_user",
            &[],
        )
        .await?;
    let (name, superuser, bypass, owner): (String, bool, bool, bool) =
        (row.get(0), row.get(1), row.get(2), row.get(3));
    let fault = match (superuser, bypass, owner) {
        (true, _, _) => "is a superuser",
        (_, true, _) => "has BYPASSRLS",
        (_, _, true) => "owns tables of the schema trellis",
        _ => return Ok(()),
    };
    Err(DbError::Configuration(format!(
        "the runtime role {name} {fault}, so row-level security would not hold for it; give Trellis a login that may \
         SET ROLE trellis_app and trellis_system, or is one of them"
    )))
}

/// One connection outside the pools, for migrations and maintenance. The connection's driver ends with the client.
pub async fn connect_admin(config: &Config) -> Result<tokio_postgres::Client, DbError> {
    let unix = config.get_hosts().iter().all(|host| matches!(host, tokio_postgres::config::Host::Unix(_)));
    if unix {
        let (client, connection) = config.connect(NoTls).await?;
        drive(connection);
        return Ok(client);
    }
    let (client, connection) = config.connect(tls()).await?;
    drive(connection);
    Ok(client)
}

fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    #[expect(
        clippy::disallowed_methods,
        reason = "a connection's driver ends by itself when its client is dropped"
    )]
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a maintenance connection ended");
        }
    });
}
