//! Turns captured statements into scripts of pgbench, and runs them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use regex::{Captures, Regex};
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use uuid::Uuid;

use super::bulk;
use super::capture::Statement;
use super::layout::{
    Kind, OPEN_STAGES, SKEW, STAGES, Tenant, customer_expression, deal_sql, deal_time_expression,
    digits_expression, id_sql, is_shared, lead_digits,
};
use super::row::Fallible;
use super::work::{BULK, Work};

/// What in the captured statements stands for the request that was captured, and not for all.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// The workspace.
    pub tenant: Tenant,
    /// The hash of the session's token, as PostgreSQL prints bytes.
    pub session: String,
    /// The one record that was read or changed, if any.
    pub record: Option<Uuid>,
    /// The customer whose it is.
    pub customer: Option<Uuid>,
}

/// The SQL that gives the token hash of pgbench's session with the digits `:session`.
pub const SESSION_SQL: &str =
    "decode('0000000000000000000000000000000000000000000000000000' || :session, 'hex')";

/// A script with the values of its variables.
#[derive(Debug)]
pub struct Script {
    file: PathBuf,
    variables: BTreeMap<String, String>,
    /// How many statements one pass sends.
    pub statements: usize,
    /// Whether Trellis sends one of them without a name.
    pub has_unnamed: bool,
    /// Whether it prepares its statements itself.
    prepares: bool,
}

/// Writes statements with placeholders that pgbench fills in.
struct Writer<'a> {
    specimen: &'a Specimen,
    placeholder: Regex,
    novelty: Regex,
    fresh: Vec<Uuid>,
    variables: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn statement(&mut self, number: usize, statement: &Statement) -> String {
        let tenant = format!("'{}'", self.specimen.tenant.id());
        let sql = statement.sql.replace(&tenant, &id_sql(Kind::Tenant, ":tenant"));
        let placeholder = self.placeholder.clone();
        let filled = placeholder.replace_all(&sql, |found: &Captures<'_>| {
            let at: usize = found[1].parse().unwrap_or_default();
            match statement.values.get(at.wrapping_sub(1)).and_then(Option::as_deref) {
                Some(value) => self.value(number, at, value),
                None => "null".to_owned(),
            }
        });
        filled.into_owned()
    }

    /// A bound value: worked out where it differs from request to request, else a variable that never changes.
    fn value(&mut self, statement: usize, at: usize, value: &str) -> String {
        if value == self.specimen.session {
            return SESSION_SQL.to_owned();
        }
        // A list first: a list of one is also a way to write a uuid.
        if let Some(list) = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
            if let Some(sql) = self.ids(list) {
                return sql;
            }
        } else if let Some(sql) = Uuid::parse_str(value).ok().and_then(|id| self.id(id)) {
            return sql;
        }
        let name = format!("s{statement}_{at}");
        self.variables.insert(name.clone(), value.to_owned());
        // Where Trellis itself says of which type a list is.
        if ids_of(value.trim_matches(['{', '}'])).is_some() && value.starts_with('{') {
            return format!(":{name}::uuid[]");
        }
        match self.novelty.find(value) {
            // What a change writes is new every time, or else it would be no change the second time.
            Some(new) => {
                let (new, cast) = (new.as_str(), if value.starts_with('{') { "::jsonb" } else { "" });
                format!("replace(:{name}, '{new}', 'point ' || :noise::bigint){cast}")
            }
            None => format!(":{name}"),
        }
    }

    /// A list of ids; None where all are the same in every request, or it is a list of something else.
    fn ids(&mut self, list: &str) -> Option<String> {
        let ids = ids_of(list)?;
        if ids.iter().all(|id| self.is_constant(*id)) {
            return None;
        }
        let each = ids.into_iter().map(|id| self.id(id).unwrap_or_else(|| format!("'{id}'")));
        Some(format!("array[{}]::uuid[]", each.collect::<Vec<_>>().join(", ")))
    }

    /// Whether an id is the same in every request.
    fn is_constant(&self, id: Uuid) -> bool {
        let Specimen { tenant, record, customer, .. } = self.specimen;
        let is_known = is_shared(id) || tenant.number_of(id).is_some();
        is_known && Some(id) != *record && Some(id) != *customer
    }

    /// An id; None where it is the same in every request.
    fn id(&mut self, id: Uuid) -> Option<String> {
        let Specimen { tenant, record, customer, .. } = self.specimen;
        let known = [
            (id == tenant.id(), id_sql(Kind::Tenant, ":tenant")),
            (id == tenant.owner(), id_sql(Kind::Owner, ":tenant")),
            (Some(id) == *record, deal_sql(":ms", ":deal")),
            (Some(id) == *customer, id_sql(Kind::Organization, ":customer")),
        ];
        if let Some((_, sql)) = known.into_iter().find(|(is_it, _)| *is_it) {
            return Some(sql);
        }
        if self.is_constant(id) {
            return None;
        }
        // An id that the request made: pgbench makes one as well, rising with time like a UUIDv7.
        let known = self.fresh.iter().position(|fresh| *fresh == id);
        let number = known.unwrap_or_else(|| {
            self.fresh.push(id);
            self.fresh.len() - 1
        });
        Some(format!(
            "(lpad(to_hex(:clock::bigint), 12, '0') || '7{number:03x}8' || lpad(to_hex(:noise::bigint), 15, '0'))::uuid"
        ))
    }
}

/// The ids of a list that has nothing else.
fn ids_of(list: &str) -> Option<Vec<Uuid>> {
    list.split(',').map(Uuid::parse_str).collect::<Result<Vec<_>, _>>().ok()
}

/// Makes the script of a kind of request.
pub fn script(
    folder: &Path,
    work: Work,
    statements: &[Statement],
    specimen: &Specimen,
    tenants: &[Tenant],
) -> Fallible<Script> {
    let placeholder = Regex::new(r"\$(\d+)")?;
    let novelty = Regex::new(r"point \d+")?;
    let mut writer = Writer { specimen, placeholder, novelty, fresh: Vec::new(), variables: BTreeMap::new() };
    let body: String = match work {
        Work::Bulk => bulk::script(statements, specimen)?,
        _ => (1..)
            .zip(statements)
            .map(|(number, statement)| format!("{};\n", writer.statement(number, statement)))
            .collect(),
    };
    let expected = match work {
        Work::Create => "insert into records",
        Work::Update | Work::Bulk => "update records",
        Work::RollUp => "insert into rollup_tallies",
        Work::Board => "from stage_totals",
        _ => "from records",
    };
    if !statements.iter().any(|statement| statement.sql.contains(expected)) {
        return Err(format!("the request of {work:?} did not send `{expected}`: {statements:#?}").into());
    }
    let mut text = draws(work, tenants)?;
    text += &body;
    let file = folder.join(format!("{work:?}.sql").to_lowercase());
    fs::write(&file, text)?;
    Ok(Script {
        file,
        variables: writer.variables,
        statements: statements.len(),
        has_unnamed: work != Work::Bulk && statements.iter().any(|statement| statement.unnamed),
        prepares: work == Work::Bulk,
    })
}

/// Draws workspace and record as the other side does.
fn draws(work: Work, tenants: &[Tenant]) -> Fallible<String> {
    let mut text = format!("\\set k random_zipfian(1, {}, {SKEW})\n", tenants.len());
    type Number = fn(&Tenant) -> u64;
    let numbers: [(&str, Number); 3] =
        [("t", |tenant| tenant.number), ("count", |tenant| tenant.deals), ("customers", Tenant::customers)];
    for (name, value) in numbers {
        write!(text, "\\set {name} case")?;
        for (at, tenant) in (1..).zip(tenants) {
            write!(text, " when :k = {at} then {}", value(tenant))?;
        }
        text += " end\n";
    }
    text += &match work {
        Work::Update => "\\set i random(0, :count - 1)\n".to_owned(),
        Work::RollUp => {
            format!("\\set i random(0, :count / {STAGES} - 1) * {STAGES} + random(0, {OPEN_STAGES} - 1)\n")
        }
        Work::Bulk => format!("\\set i random(0, :count - {BULK} - 1)\n"),
        _ => format!("\\set i :count - random_zipfian(1, :count, {SKEW})\n"),
    };
    let customer = match work {
        Work::Create => {
            format!("random(0, {} - 1)", tenants.iter().map(Tenant::customers).min().unwrap_or(1))
        }
        _ => customer_expression(),
    };
    let session = match work {
        Work::Team => lead_digits(0).to_string() + " + :t",
        _ => ":t".to_owned(),
    };
    writeln!(text, "\\set ms {}\n\\set who {customer}", deal_time_expression())?;
    for (name, number) in [("tenant", ":t"), ("deal", ":i"), ("customer", ":who"), ("session", &session)] {
        writeln!(text, "\\set {name} {}", digits_expression(number))?;
    }
    text += "\\set n :n + 1\n\\set clock :start + :n\n\\set noise random(0, 1152921504606846975)\n";
    Ok(text)
}

/// pgbench, and the server that it talks to.
#[derive(Debug, Clone)]
pub struct Pgbench {
    program: PathBuf,
    login: Config,
}

/// What Trellis says to each connection that it opens.
const OPTIONS: &str = "-c search_path=trellis -c jit=off -c random_page_cost=1.1 -c timezone=UTC \
    -c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s";

impl Pgbench {
    /// pgbench lies beside the server's own program.
    pub fn new(postmaster: u32, login: Config) -> Fallible<Self> {
        let server = fs::read_link(format!("/proc/{postmaster}/exe"))?;
        let program = server.with_file_name("pgbench");
        match program.exists() {
            true => Ok(Self { program, login }),
            false => {
                Err(format!("{} is missing; it comes with PostgreSQL's server", program.display()).into())
            }
        }
    }

    /// Runs a script for `length` over `connections`; gives transactions per second.
    pub fn run(&self, script: &Script, mode: &str, connections: u64, length: Duration) -> Fallible<f64> {
        let mode = if script.prepares { "simple" } else { mode };
        let mut command = Command::new(&self.program);
        command
            .args(["--no-vacuum", "--protocol", mode])
            .args(["--client", &connections.to_string(), "--jobs", &connections.min(2).to_string()])
            .args(["--time", &length.as_secs().to_string()])
            .args(["-D", "n=0", "-D", &format!("start={}", chrono_ms()?)])
            .arg("--file")
            .arg(&script.file)
            .env("PGOPTIONS", OPTIONS)
            .env("PGUSER", self.login.get_user().unwrap_or_default())
            .env(
                "PGPASSWORD",
                String::from_utf8_lossy(self.login.get_password().unwrap_or_default()).as_ref(),
            )
            .env("PGDATABASE", self.login.get_dbname().unwrap_or_default());
        if let Some(Host::Unix(folder)) = self.login.get_hosts().first() {
            command.env("PGHOST", folder);
        }
        for (name, value) in &script.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.output()?;
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match rate {
            Some(rate) if output.status.success() && !complained.contains("aborted") => Ok(rate),
            _ => Err(format!("pgbench failed with {}:\n{said}\n{complained}", script.file.display()).into()),
        }
    }
}

fn chrono_ms() -> Fallible<u128> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis())
}
