//! One PostgreSQL server per test run and one database per test: a copy of a template that was migrated once. Tests see
//! it as the application does, through the two runtime roles.

use std::sync::OnceLock;
use std::thread;

use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};
use trellis::db::{Db, DbSettings, Logins, migrate};
use trellis::embedded::{Embedded, Options};
use uuid::Uuid;

/// The server of this test run. Its runtime outlives the tests', and the server ends with the process.
struct Server {
    runtime: Runtime,
    admin: Config,
    logins: Logins,
    template: String,
    _embedded: Option<Embedded>,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    // On a thread of its own, because a test's runtime must not wait for another one.
    SERVER.get_or_init(|| thread::spawn(start).join().expect("the server of the test run starts"))
}

fn start() -> Server {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let (admin, embedded) = runtime.block_on(find());
    let template = format!("trellis_template_{}", migrations_hash());
    let logins = runtime.block_on(prepare(&admin, &template));
    Server { runtime, admin, logins, template, _embedded: embedded }
}

/// The server that `TRELLIS_TEST_DATABASE_URL` names (as a superuser), else a throw-away one.
async fn find() -> (Config, Option<Embedded>) {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    let url = std::env::var("TRELLIS_TEST_DATABASE_URL");
    match url {
        Ok(url) => (url.parse().expect("TRELLIS_TEST_DATABASE_URL is a connection string"), None),
        Err(_) => {
            let options = Options { max_connections: 400, ..Options::throwaway() };
            let embedded = Embedded::start(options).await.expect("a throw-away server starts");
            (embedded.admin_config(), Some(embedded))
        }
    }
}

/// Migrates the template database, unless another run has done so on the same server, and makes the runtime logins.
async fn prepare(admin: &Config, template: &str) -> Logins {
    let client = connect(admin).await;
    client.execute("select pg_advisory_lock(7236271)", &[]).await.expect("the lock of the test runs");
    let known = client.query_opt("select from pg_database where datname = $1", &[&template]).await;
    if known.expect("a list of databases").is_none() {
        client.batch_execute(&format!("create database {template}")).await.expect("a template database");
    }
    let mut config = admin.clone();
    config.dbname(template);
    migrate::migrate(&config).await.expect("the migrations of this tree apply");
    migrate::logins_of_own_server(&config, "trellis-test").await.expect("the runtime logins")
}

async fn connect(config: &Config) -> tokio_postgres::Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection to the test server");
    Handle::current().spawn(connection);
    client
}

async fn administrate(sql: String) {
    let server = server();
    let done = server.runtime.spawn(async move { connect(&server.admin).await.batch_execute(&sql).await });
    done.await.expect("the task ends").unwrap_or_else(|error| panic!("{error}"));
}

/// The name changes with every migration, so a template of another tree on the same server is never taken for ours.
fn migrations_hash() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of migrations")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).expect("a migration"));
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A database for one test; dropped with this value.
pub struct Database {
    name: String,
    /// The database, as the application sees it.
    pub db: Db,
    /// How it was reached, to open it a second time as another process would.
    pub settings: DbSettings,
}

impl Database {
    /// A fresh copy of the migrated template.
    pub async fn create() -> Self {
        let server = server();
        let name = format!("t_{}", Uuid::now_v7().simple());
        let sql = format!("create database {name} template {} strategy wal_log", server.template);
        administrate(sql).await;
        let mut logins = server.logins.clone();
        match &mut logins {
            Logins::One(config) => {
                config.dbname(&name);
            }
            Logins::Each { admin, app, system } => {
                for config in [admin, app, system] {
                    config.dbname(&name);
                }
            }
        }
        let settings = DbSettings { logins, pool_size: 4 };
        let db = Db::connect(&settings).await.expect("the application connects");
        Self { name, db, settings }
    }

    /// The address of the database for another process, as somebody who may play every role.
    pub fn url(&self) -> String {
        let admin = &server().admin;
        let host = match admin.get_hosts().first() {
            Some(Host::Unix(folder)) => folder.display().to_string(),
            Some(Host::Tcp(name)) => name.clone(),
            None => "localhost".to_owned(),
        };
        let mut address = url::Url::parse("postgresql:///").expect("an address");
        address.set_path(&self.name);
        let user = admin.get_user().unwrap_or("postgres");
        let password = String::from_utf8_lossy(admin.get_password().unwrap_or_default()).into_owned();
        let port = admin.get_ports().first().copied().unwrap_or(5432).to_string();
        address.query_pairs_mut().extend_pairs([
            ("host", host),
            ("port", port),
            ("user", user.to_owned()),
            ("password", password),
        ]);
        address.into()
    }

    /// Runs SQL as the superuser, to look behind row-level security or to break something; rows as text.
    pub async fn as_superuser(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let mut config = server().admin.clone();
        config.dbname(&self.name);
        let client = connect(&config).await;
        client.batch_execute("set search_path = trellis").await.expect("the schema");
        let messages = client.simple_query(sql).await.unwrap_or_else(|error| {
            let beginning: String = sql.chars().take(500).collect();
            panic!("{:?} in {beginning}", error.as_db_error().map(ToString::to_string))
        });
        let row = |message: &tokio_postgres::SimpleQueryMessage| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
            }
            _ => None,
        };
        messages.iter().filter_map(row).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.db.close();
        let sql = format!("drop database if exists {} with (force)", self.name);
        let (done, wait) = std::sync::mpsc::channel();
        server().runtime.spawn(async move {
            administrate(sql).await;
            // Nobody listens when the test was cut short.
            let _ = done.send(());
        });
        let _ = wait.recv_timeout(std::time::Duration::from_secs(10));
    }
}
