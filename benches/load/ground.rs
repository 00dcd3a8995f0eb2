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
use super::copy;
use super::derived;
use super::fill::{self, Modules};
use super::layout::{BEGINNING, Kind, Tenant, digits, id, lead, lead_digits};
use super::options::Options;
use super::pgbench::{Pgbench, SESSION_SQL, Specimen};
use super::progress::say;
use super::random::Random;
use super::row::{Fallible, assert_same};
use super::server::{self, Server};
use super::usage::{Watched, parent};
use super::work::{Doors, House, Work, bulk, records};

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

    /// Fills the database, unless an earlier run has; the last workspace is the big one.
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
        if let Some(big) = tenants.last() {
            self.runtime.block_on(fill::make_team(&self.client, big))?;
        }
        say("copying records");
        self.runtime.block_on(copy::records(&self.client, &modules, tenants))?;
        say("vacuum and analyze");
        self.execute(&["reset role", "vacuum (analyze)", "checkpoint"])?;
        self.assert_as_kept(tenants)
    }

    /// Has Trellis itself prove what follows from the records, in the smallest workspace and in the big one.
    fn assert_as_kept(&self, tenants: &[Tenant]) -> Fallible<()> {
        let [.., small, big] = tenants else { return Ok(()) };
        say("checking roll-ups and totals");
        let (small, big) = (small.slug(), big.slug());
        for command in [
            vec!["repair", "--check", "--tenant", small.as_str()],
            vec!["repair", "--check", "--tenant", big.as_str(), "--module", "organizations"],
            vec!["tenant", "totals", "--tenant", small.as_str()],
            vec!["tenant", "totals", "--tenant", big.as_str()],
        ] {
            server::run(&self.data, &command)?;
        }
        Ok(())
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
            let mut made = derived::stored(kind, tenant, 7, None);
            if kind == Kind::Contact {
                made.insert("tier".into(), content::data(Kind::Organization, tenant, 7)["tier"].clone());
            }
            if kind != Kind::Organization {
                data.insert("organization".into(), organization.clone());
                made.insert("organization".into(), organization.clone());
            }
            let stage = modules.stages.get(7 % modules.stages.len()).filter(|_| kind == Kind::Deal);
            let body = json!({"data": data, "stage": stage.map(|[_, _, key, _, _]| key)});
            let path = format!("/t/{MODEL}/api/v1/records/{}", module.key);
            let record = connection.post(&path, Some(token), &body)?.json()?;
            let id: Uuid = record["id"].as_str().unwrap_or_default().parse()?;
            if kind == Kind::Organization {
                organization = json!(id);
            }
            self.runtime.block_on(assert_same(&self.client, module, id, made))?;
        }
        Ok(())
    }

    /// Signs in to the visited workspaces and to the big one, and gives pgbench a session for each.
    pub fn open_doors(&self, visited: &[Tenant], big: &Tenant) -> Fallible<House> {
        let mut connection = Connection::open(self.server.address)?;
        let mut owner = |tenant: &Tenant| {
            let email = format!("owner{}@bench.example", tenant.number);
            self.sign_in(&mut connection, tenant, &email, (tenant.owner(), tenant.number))
        };
        let tokens = visited.iter().map(&mut owner).collect::<Fallible<Vec<_>>>()?;
        let token = owner(big)?;
        let session = (lead(), lead_digits(big.number));
        let lead = self.sign_in(&mut connection, big, "lead@bench.example", session)?;
        Ok(House {
            many: Doors::new(visited.to_vec(), tokens),
            big: Doors::new(vec![big.clone()], vec![token]),
            lead: Doors::new(vec![big.clone()], vec![lead]),
        })
    }

    /// Signs in; gives an access token, and pgbench a session of the same person.
    fn sign_in(
        &self,
        connection: &mut Connection,
        tenant: &Tenant,
        email: &str,
        (person, number): (Uuid, u64),
    ) -> Fallible<String> {
        let answer =
            connection.post("/api/v1/session", None, &json!({"email": email, "password": PASSWORD}))?;
        let token = answer.json()?["access_token"].as_str().unwrap_or_default().to_owned();
        let session = format!(
            "insert into trellis.sessions (token_hash, user_id, tenant_id, kind, user_epoch, created_at,
               last_seen_at, expires_at)
             values ({}, '{person}', '{}', 'api', 0, now(), now(), now() + interval '30 days') on conflict do nothing",
            SESSION_SQL.replace(":session", &format!("'{}'", digits(number))),
            tenant.id(),
        );
        self.execute(&[&session])?;
        Ok(token)
    }

    /// Which statements one request of each kind sends, with what in them belongs to that request.
    pub fn capture(
        &self,
        house: &House,
        wanted: impl Fn(Work) -> bool,
    ) -> Fallible<Vec<(Work, Vec<Statement>, Specimen)>> {
        let mut captured = Vec::new();
        for work in Work::ALL.into_iter().filter(|work| wanted(*work)) {
            let doors = house.doors(work).only_first();
            let mut statements = self.statements(&doors, work)?;
            // One writer in many folds the totals of stages for all.
            while statements.iter().any(|statement| statement.sql.contains("delete from stage_totals")) {
                statements = self.statements(&doors, work)?;
            }
            let specimen = specimen(&doors.tenants[0], work, &statements)?;
            captured.push((work, statements, specimen));
        }
        Ok(captured)
    }

    fn statements(&self, doors: &Doors, work: Work) -> Fallible<Vec<Statement>> {
        let log = self.data.join("postgres/server.log");
        let mut connection = Connection::open(self.server.address)?;
        // Another sequence in every run: a change that an earlier run has made already would be none.
        let mut random = Random::of_now();
        // What is prepared and looked up once is not part of a request.
        for _ in 0..8 {
            doors.carry_out(work, &mut connection, &mut random)?;
        }
        thread::sleep(Duration::from_millis(300));
        let from = capture::end_of(&log)?;
        doors.carry_out(work, &mut connection, &mut random)?;
        thread::sleep(Duration::from_millis(300));
        capture::read(&log, from, &doors.tenants[0].id().to_string())
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
fn specimen(tenant: &Tenant, work: Work, statements: &[Statement]) -> Fallible<Specimen> {
    let admit = statements.iter().find(|statement| statement.sql.contains("x.token_hash"));
    let session = admit.and_then(|statement| statement.values.get(2).cloned().flatten());
    let ids = || {
        statements.iter().flat_map(|statement| statement.values.iter().flatten()).flat_map(|text| uuids(text))
    };
    let record = ids().find(|id| tenant.number_of(*id).is_some());
    let customer = (0..tenant.customers()).map(|number| id(Kind::Organization, BEGINNING, number));
    let customers: Vec<Uuid> = customer.collect();
    let customer = ids().find(|id| customers.contains(id));
    let of_one = matches!(work, Work::Get | Work::Create | Work::Update | Work::RollUp);
    Ok(Specimen {
        tenant: tenant.clone(),
        session: session.ok_or("the statement that admits a session was not found")?,
        record: record.filter(|_| of_one),
        customer: customer.filter(|_| of_one),
    })
}

/// The ids in a bound value: one, or a list.
fn uuids(value: &str) -> impl Iterator<Item = Uuid> {
    value.trim_matches(['{', '}']).split(',').filter_map(|text| Uuid::parse_str(text).ok())
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

/// How long jobs that change 1,000 deals of the big workspace each take until they are done, one after the other; sorted.
pub fn bulk_jobs(ground: &Ground, doors: &Doors, count: u32) -> Fallible<Vec<Duration>> {
    let mut connection = Connection::open(ground.server.address)?;
    let (tenant, token) = (&doors.tenants[0], Some(doors.tokens[0].as_str()));
    let (mut random, mut times) = (Random::of_now(), Vec::new());
    for _ in 0..count {
        let start = Instant::now();
        let job = bulk(&mut connection, tenant, token, 1_000, &mut random)?;
        let path = format!("/t/{}/api/v1/jobs/{}", tenant.slug(), job["id"].as_str().unwrap_or_default());
        loop {
            let state = connection.get(&path, token)?.json()?["state"].clone();
            match state.as_str() {
                Some("done") => break,
                Some("ready" | "running") => thread::sleep(Duration::from_millis(2)),
                _ => return Err(format!("a bulk job came to {state}").into()),
            }
        }
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}
