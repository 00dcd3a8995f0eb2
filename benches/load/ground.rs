//! The filled database under a running server: makes it, opens doors to it, and reads what its requests send.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls};
use trellis::db::{Logins, migrate};
use trellis::embedded::{Embedded, Options as EmbeddedOptions};
use uuid::Uuid;

use super::capture::{self, LOG_AS_USUAL, LOG_EVERYTHING, Statement};
use super::client::Connection;
use super::content;
use super::fill::{self, Modules};
use super::layout::{Kind, Tenant, digits};
use super::options::Options;
use super::pgbench::{Pgbench, SESSION_SQL, Specimen};
use super::progress::say;
use super::random::Random;
use super::row::{Fallible, assert_same};
use super::server::Server;
use super::usage::{Watched, parent};
use super::work::{Doors, Work, records};

/// Of everybody whom the benchmark makes.
const PASSWORD: &str = "a long walk by the sea";

/// The workspace that all others are copies of.
const MODEL: &str = "bench-model";

/// The template that the workspaces are made from.
const TEMPLATE: &str = "corporate";

/// The server with a maintenance connection to its database.
pub struct Ground {
    /// The server.
    pub server: Server,
    /// Its processes.
    pub watched: Watched,
    /// The runtime of the maintenance connection.
    runtime: Runtime,
    client: Client,
    admin: Config,
    data: PathBuf,
}

impl Ground {
    /// Starts the server over a data folder.
    pub fn start(data: &Path, options: &Options) -> Fallible<Self> {
        let server = Server::start(data, &options.shared_buffers)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let folder = EmbeddedOptions::new(data.join("postgres"));
        let admin = runtime.block_on(Embedded::start_or_share(folder))?.admin_config();
        let (client, connection) = runtime.block_on(admin.connect(NoTls))?;
        runtime.spawn(connection);
        let backend = runtime.block_on(client.query_one("select pg_backend_pid()", &[]))?.get::<_, i32>(0);
        let postmaster = parent(backend.unsigned_abs()).ok_or("PostgreSQL's first process was not found")?;
        let watched = Watched { trellis: server.id(), postmaster };
        Ok(Self { server, watched, runtime, client, admin, data: data.to_owned() })
    }

    /// pgbench, logging in as the role that serves.
    pub fn pgbench(&self) -> Fallible<Pgbench> {
        let password = String::from_utf8_lossy(self.admin.get_password().unwrap_or_default()).into_owned();
        match self.runtime.block_on(migrate::logins_of_own_server(&self.admin, &password))? {
            Logins::Each { app, .. } => Pgbench::new(self.watched.postmaster, *app),
            Logins::One(_) => Err("the private server has no login for the role that serves".into()),
        }
    }

    /// Runs statements as the owner of the database.
    pub fn execute(&self, statements: &[&str]) -> Fallible<()> {
        for statement in statements {
            self.runtime.block_on(self.client.batch_execute(statement))?;
        }
        Ok(())
    }

    /// Fills the database, unless an earlier run has.
    pub fn fill(&self, tenants: &[Tenant]) -> Fallible<()> {
        self.execute(&["set search_path = trellis"])?;
        if self.runtime.block_on(fill::is_filled(&self.client, tenants))? {
            say("the database is filled already");
            return Ok(());
        }
        let (model, token) = self.model()?;
        let modules = self.runtime.block_on(Modules::read(&self.client, model))?;
        self.assert_same_as_stored(&modules, &token)?;
        say("copying the workspace");
        self.execute(&["set session_replication_role = replica; set role trellis_owner;
            set maintenance_work_mem = '1GB'; set statement_timeout = 0"])?;
        self.runtime.block_on(fill::copy_workspaces(&self.client, model, tenants))?;
        say("copying records");
        self.runtime.block_on(fill::records(&self.client, &modules, tenants))?;
        say("vacuum and analyze");
        self.execute(&["reset role", "vacuum (analyze)", "checkpoint"])
    }

    /// Makes the first workspace the way people do: sign up, apply a template. Gives its id and an access token.
    fn model(&self) -> Fallible<(Uuid, String)> {
        let mut connection = Connection::open(self.server.address)?;
        let token = sign_up(&mut connection, MODEL)?;
        let body = json!({"template": TEMPLATE, "samples": false});
        connection.post(&format!("/t/{MODEL}/api/v1/workspace/template"), Some(&token), &body)?.json()?;
        let found = self.client.query_one("select id from tenants where slug = $1", &[&MODEL]);
        Ok((self.runtime.block_on(found)?.get(0), token))
    }

    /// Creates a record of each module over HTTP, and compares its row with what the filling would write.
    fn assert_same_as_stored(&self, modules: &Modules, token: &str) -> Fallible<()> {
        let mut connection = Connection::open(self.server.address)?;
        let tenant = &super::layout::tenants(50, 10_000)[0];
        let mut organization = Value::Null;
        for (kind, module) in [
            (Kind::Organization, &modules.organizations),
            (Kind::Contact, &modules.contacts),
            (Kind::Deal, &modules.deals),
        ] {
            let mut data = content::data(kind, tenant, 7);
            if kind != Kind::Organization {
                data.insert("organization".into(), organization.clone());
            }
            let path = format!("/t/{MODEL}/api/v1/records/{}", module.key);
            let record = connection.post(&path, Some(token), &json!({"data": data}))?.json()?;
            let id: Uuid = record["id"].as_str().unwrap_or_default().parse()?;
            if kind == Kind::Organization {
                organization = json!(id);
            }
            self.runtime.block_on(assert_same(&self.client, module, id))?;
        }
        Ok(())
    }

    /// Signs in to the visited workspaces, and gives pgbench a session in each.
    pub fn open_doors(&self, tenants: &[Tenant]) -> Fallible<Doors> {
        let mut connection = Connection::open(self.server.address)?;
        let mut tokens = Vec::new();
        for tenant in tenants {
            let email = format!("owner{}@bench.example", tenant.number);
            let answer =
                connection.post("/api/v1/session", None, &json!({"email": email, "password": PASSWORD}))?;
            tokens.push(answer.json()?["access_token"].as_str().unwrap_or_default().to_owned());
            let session = format!(
                "insert into trellis.sessions (token_hash, user_id, tenant_id, kind, user_epoch, created_at,
                   last_seen_at, expires_at)
                 values ({}, '{}', '{}', 'api', 0, now(), now(), now() + interval '30 days') on conflict do nothing",
                SESSION_SQL.replace(":tenant", &format!("'{}'", digits(tenant.number))),
                tenant.owner(),
                tenant.id(),
            );
            self.execute(&[&session])?;
        }
        let customers = tenants.iter().map(Tenant::customers).min().unwrap_or(1);
        Ok(Doors { tenants: tenants.to_vec(), tokens, customers })
    }

    /// Which statements one request of each kind sends, with what in them belongs to that request.
    pub fn capture(&self, doors: &Doors) -> Fallible<Vec<(Work, Vec<Statement>, Specimen)>> {
        let log = self.data.join("postgres/server.log");
        let mut connection = Connection::open(self.server.address)?;
        let only = doors.only_first();
        let tenant = &doors.tenants[0];
        let mut captured = Vec::new();
        // Another sequence in every run: a change that an earlier run has made already would be none.
        let mut random = Random::of_now();
        for work in Work::ALL {
            // What is prepared and looked up once is not part of a request.
            for _ in 0..8 {
                only.carry_out(work, &mut connection, &mut random)?;
            }
            thread::sleep(Duration::from_millis(300));
            let from = capture::end_of(&log)?;
            only.carry_out(work, &mut connection, &mut random)?;
            thread::sleep(Duration::from_millis(300));
            let statements = capture::read(&log, from, &tenant.id().to_string())?;
            let specimen = specimen(tenant, &statements)?;
            captured.push((work, statements, specimen));
        }
        Ok(captured)
    }

    /// Waits until nothing works in the background any more.
    pub fn settle(&self) {
        let start = Instant::now();
        loop {
            let before = self.watched.usage();
            thread::sleep(Duration::from_millis(500));
            let used = self.watched.usage().since(before);
            if used.trellis + used.postgres < Duration::from_millis(30) || start.elapsed().as_secs() > 60 {
                return;
            }
        }
    }

    /// Makes new connections log every statement, or no longer.
    pub fn log_everything(&self, on: bool) -> Fallible<()> {
        self.execute(if on { LOG_EVERYTHING } else { LOG_AS_USUAL })
    }
}

/// What in captured statements stands for the one request: the first bound values of the first query are workspace,
/// person and session; a record of the filling that is asked for by its id is the one that was read or changed.
fn specimen(tenant: &Tenant, statements: &[Statement]) -> Fallible<Specimen> {
    let admit = statements.iter().find(|statement| statement.sql.contains("x.token_hash"));
    let session = admit.and_then(|statement| statement.values.get(2).cloned().flatten());
    let ids = statements.iter().flat_map(|statement| statement.values.iter().flatten());
    let deal = |id: &Uuid| (0..tenant.deals).any(|number| tenant.deal(number) == *id);
    let record = ids.filter_map(|value| Uuid::parse_str(value).ok()).find(deal);
    Ok(Specimen {
        tenant: tenant.id(),
        actor: tenant.owner(),
        session: session.ok_or("the statement that admits a session was not found")?,
        record,
    })
}

/// Signs up a new person with a new workspace; gives an access token.
pub fn sign_up(connection: &mut Connection, slug: &str) -> Fallible<String> {
    let body = json!({
        "name": "Ada Bench", "email": format!("{slug}@bench.example"), "password": PASSWORD,
        "company": slug, "slug": slug,
    });
    let answer = connection.post("/api/v1/signup", None, &body)?.json()?;
    Ok(answer["access_token"].as_str().unwrap_or_default().to_owned())
}

/// How long it takes to apply the template to new workspaces, one after the other; sorted.
pub fn apply_templates(ground: &Ground, count: u32, samples: bool) -> Fallible<Vec<Duration>> {
    let mut connection = Connection::open(ground.server.address)?;
    let mut times = Vec::new();
    for number in 0..count {
        let slug = format!("apply-{}-{number}-{}", u8::from(samples), std::process::id());
        let token = sign_up(&mut connection, &slug)?;
        let path = format!("/t/{slug}/api/v1/workspace/template");
        let start = Instant::now();
        connection.post(&path, Some(&token), &json!({"template": TEMPLATE, "samples": samples}))?.json()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

/// How long it takes to add fields to the module of deals of a workspace, one after the other; sorted.
pub fn add_fields(ground: &Ground, doors: &Doors, count: u32) -> Fallible<Vec<Duration>> {
    let mut connection = Connection::open(ground.server.address)?;
    let path = records(&doors.tenants[0]).replace("records/deals", "modules/deals/fields");
    let mut times = Vec::new();
    for number in 0..count {
        let field = json!({
            "key": format!("added_{}_{number}", std::process::id()), "label": format!("Added {number}"), "type": "text",
        });
        let start = Instant::now();
        connection.post(&path, Some(&doors.tokens[0]), &field)?.json()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}
