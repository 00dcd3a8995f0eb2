//! Brings a database to the schema of this binary. Every migration is one transaction, sent one statement per call.

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Config};

use super::login::{Role, connect_admin, derived_password};
use super::{DbError, Logins};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/migrations"]
struct Migrations;

/// Any number that all Trellis processes share: only one of them migrates at a time.
const LOCK: i64 = 0x7472_656c_6c69_7301;

/// Creates roles and schema where they are missing and applies what has not been applied. Gives the names of the
/// migrations that were applied now.
pub async fn migrate(admin: &Config) -> Result<Vec<String>, DbError> {
    let mut client = connect_admin(admin).await?;
    client.execute("select pg_advisory_lock($1)", &[&LOCK]).await?;
    prepare(&client).await?;
    let mut applied = Vec::new();
    for (name, sql) in migrations()? {
        if apply(&mut client, &name, &sql).await? {
            applied.push(name);
        }
    }
    client.execute("select pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(applied)
}

/// Gives the runtime roles of a server that Trellis runs itself logins of their own, derived from the server's
/// password, so that no process holds a login that could assume more.
pub async fn logins_of_own_server(admin: &Config, server_password: &str) -> Result<Logins, DbError> {
    let client = connect_admin(admin).await?;
    let mut logins = [admin.clone(), admin.clone()];
    for (config, role) in logins.iter_mut().zip([Role::App, Role::System]) {
        let password = derived_password(server_password, role)?;
        client.batch_execute(&format!("alter role {} login password '{password}'", role.name())).await?;
        config.user(role.name()).password(password);
    }
    let [app, system] = logins;
    Ok(Logins::Each { admin: Box::new(admin.clone()), app: Box::new(app), system: Box::new(system) })
}

/// Refuses a database that lacks a migration of this binary.
pub(super) async fn assert_current(client: &Client) -> Result<(), DbError> {
    let rows = client.query("select name from migrations", &[]).await?;
    let applied: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    match migrations()?.into_iter().find(|(name, _)| !applied.contains(name)) {
        None => Ok(()),
        Some((name, _)) => Err(DbError::Configuration(format!("the migration {name} has not been applied"))),
    }
}

fn migrations() -> Result<Vec<(String, String)>, DbError> {
    let mut all: Vec<(String, String)> = Migrations::iter()
        .filter(|path| path.ends_with(".sql"))
        .filter_map(|path| Some((path.to_string(), Migrations::get(&path)?)))
        .map(|(path, file)| (path, String::from_utf8_lossy(&file.data).into_owned()))
        .collect();
    all.sort();
    match all.is_empty() {
        true => Err(DbError::Configuration("this binary carries no migrations".into())),
        false => Ok(all),
    }
}

/// Roles, schema, extensions and the list of migrations.
async fn prepare(client: &Client) -> Result<(), DbError> {
    for role in [Role::Owner, Role::App, Role::System] {
        let name = role.name();
        let exists = client.query_opt("select from pg_roles where rolname = $1", &[&name]).await?.is_some();
        if !exists {
            client.batch_execute(&format!("create role {name} nologin nosuperuser nobypassrls")).await?;
        }
        let member: bool =
            client.query_one("select pg_has_role(current_user, $1, 'member')", &[&name]).await?.get(0);
        if !member {
            client.batch_execute(&format!("grant {name} to current_user")).await?;
        }
    }
    for statement in [
        "create schema if not exists trellis authorization trellis_owner",
        "create extension if not exists pg_trgm schema trellis",
        "create extension if not exists btree_gin schema trellis",
        "grant usage on schema trellis to trellis_app, trellis_system",
        "set search_path = trellis",
        "set role trellis_owner",
        "create table if not exists migrations
           (name text primary key, sha256 text not null, applied_at timestamptz not null default now())",
        "grant select on migrations to trellis_app, trellis_system",
        "reset role",
    ] {
        client.batch_execute(statement).await?;
    }
    Ok(())
}

async fn apply(client: &mut Client, name: &str, sql: &str) -> Result<bool, DbError> {
    let sha256: String = Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect();
    let known = client.query_opt("select sha256 from migrations where name = $1", &[&name]).await?;
    if let Some(row) = known {
        return match row.get::<_, String>(0) == sha256 {
            true => Ok(false),
            false => Err(DbError::Configuration(format!(
                "the migration {name} was changed after it had been applied; migrations are never edited"
            ))),
        };
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute("set local role trellis_owner").await?;
    transaction.batch_execute("set local statement_timeout = 0").await?;
    for statement in statements(sql) {
        transaction.batch_execute(statement).await.map_err(|error| {
            let first = statement.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
            tracing::error!(migration = name, statement = first, %error, "a migration failed");
            DbError::from(error)
        })?;
    }
    transaction.execute("insert into migrations (name, sha256) values ($1, $2)", &[&name, &sha256]).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Splits a file at the semicolons that stand outside quotes, dollar quotes and line comments.
pub fn statements(sql: &str) -> Vec<&str> {
    let bytes = sql.as_bytes();
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' => at += 1 + until(&sql[at + 1..], &sql[at..=at]),
            b'-' if sql[at..].starts_with("--") => at += until(&sql[at..], "\n"),
            b'$' => {
                let tag = dollar_tag(&sql[at..]);
                match tag.is_empty() {
                    true => at += 1,
                    false => at += tag.len() + until(&sql[at + tag.len()..], tag),
                }
            }
            b';' => {
                parts.push(sql[start..at].trim());
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    parts.push(sql[start..].trim());
    parts.retain(|part| part.lines().any(|line| !line.trim().is_empty() && !line.trim().starts_with("--")));
    parts
}

/// Bytes up to and with the next `end`, or all.
fn until(text: &str, end: &str) -> usize {
    text.find(end).map_or(text.len(), |at| at + end.len())
}

/// `$$` or `$tag$` at the start of `text`, else nothing.
fn dollar_tag(text: &str) -> &str {
    match text[1..].find('$') {
        Some(length) if text[1..=length].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            &text[..length + 2]
        }
        _ => "",
    }
}
