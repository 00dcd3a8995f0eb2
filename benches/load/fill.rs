//! Fills the database in bulk: copies of one workspace's metadata by SQL, records by COPY, as the owner of the tables.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write;
use std::pin::pin;

use bytes::Bytes;
use chrono::DateTime;
use futures_util::SinkExt;
use tokio_postgres::Client;
use uuid::Uuid;

use super::content;
use super::layout::{BEGINNING, Kind, MEMBERS, Tenant, id};
use super::progress::say;
use super::row::{Fallible, Module, Row, printed};

/// Bytes that go to PostgreSQL in one message.
const CHUNK: usize = 256 * 1024;

/// The modules that get records.
#[derive(Debug)]
pub struct Modules {
    /// Organizations.
    pub organizations: Module,
    /// Contacts.
    pub contacts: Module,
    /// Deals.
    pub deals: Module,
}

impl Modules {
    /// Reads them from a workspace.
    pub async fn read(client: &Client, tenant: Uuid) -> Fallible<Self> {
        Ok(Self {
            organizations: Module::read(client, tenant, Kind::Organization).await?,
            contacts: Module::read(client, tenant, Kind::Contact).await?,
            deals: Module::read(client, tenant, Kind::Deal).await?,
        })
    }

    fn of(&self, kind: Kind) -> &Module {
        match kind {
            Kind::Organization => &self.organizations,
            Kind::Contact => &self.contacts,
            _ => &self.deals,
        }
    }
}

/// Whether an earlier run has filled the database with these workspaces.
pub async fn is_filled(client: &Client, tenants: &[Tenant]) -> Fallible<bool> {
    let last = tenants.last().map(Tenant::slug).unwrap_or_default();
    let found = client
        .query_opt("select from tenants where slug = $1 and name = $2", &[&last, &mark(tenants)])
        .await?;
    Ok(found.is_some())
}

/// A name that says how much the database was filled with.
fn mark(tenants: &[Tenant]) -> String {
    let records: u64 = tenants.iter().map(Tenant::records).sum();
    format!("Workspace with {} others and {records} records", tenants.len() - 1)
}

/// Makes the workspaces as copies of `model`, with an owner each and members whom all share; the password is the
/// model's owner's.
pub async fn copy_workspaces(client: &Client, model: Uuid, tenants: &[Tenant]) -> Fallible<()> {
    let numbers: Vec<i64> = tenants.iter().map(|tenant| tenant.number.cast_signed()).collect();
    let ids: Vec<Uuid> = tenants.iter().map(Tenant::id).collect();
    let owners: Vec<Uuid> = tenants.iter().map(Tenant::owner).collect();
    let slugs: Vec<String> = tenants.iter().map(Tenant::slug).collect();
    let members: Vec<Uuid> = (0..MEMBERS).map(|number| id(Kind::Member, BEGINNING, number)).collect();
    client
        .execute(
            "insert into users (id, email, name, password_hash, created_at)
             select x.id, x.email, x.name, u.password_hash, now()
             from (select o.id, 'owner' || o.n || '@bench.example' as email, 'Owner ' || o.n as name
                   from unnest($2::uuid[], $3::bigint[]) as o(id, n)
                   union all
                   select m.id, 'member' || m.n || '@bench.example', 'Member ' || m.n
                   from unnest($4::uuid[]) with ordinality as m(id, n)) x,
               memberships o join users u on u.id = o.user_id where o.tenant_id = $1 and o.is_owner",
            &[&model, &owners, &numbers, &members],
        )
        .await?;
    client
        .execute(
            "insert into tenants (id, slug, name, state, template_key, template_version, currency, country, timezone,
               locale, created_at)
             select x.id, x.slug, $4, t.state, t.template_key, t.template_version, t.currency, t.country, t.timezone,
               t.locale, now()
             from tenants t, unnest($2::uuid[], $3::text[]) as x(id, slug) where t.id = $1",
            &[&model, &ids, &slugs, &mark(tenants)],
        )
        .await?;
    for (table, columns) in [
        ("schema_versions", "version"),
        ("roles", "id, key, origin, definition"),
        ("modules", "id, key, number, position, origin, definition"),
        ("module_fields", "id, module_id, key, number, position, origin, slot, slot_state, definition"),
        ("pipelines", "id, module_id, key, origin, definition"),
    ] {
        let sql = format!(
            "insert into {table} (tenant_id, {columns})
             select x.id, {columns} from {table} m, unnest($2::uuid[]) as x(id) where m.tenant_id = $1"
        )
        .replace("x.id, id,", "x.id, m.id,");
        client.execute(&sql, &[&model, &ids]).await?;
    }
    client
        .execute(
            "insert into memberships (tenant_id, user_id, name, email, role, is_owner, created_at)
             select x.tenant, u.id, u.name, u.email, 'admin', u.id = x.owner, now()
             from unnest($1::uuid[], $2::uuid[]) as x(tenant, owner)
             join users u on u.id = x.owner or u.id = any($3)",
            &[&ids, &owners, &members],
        )
        .await?;
    Ok(())
}

/// Fills in all records, oldest first over all workspaces, as they would have come in. Foreign keys are not checked and
/// indexes are built in the end, which is what makes it fast.
pub async fn records(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let indexes = client
        .query(
            "select indexname::text, indexdef from pg_indexes
             where schemaname = 'trellis' and tablename = 'records' and indexname <> 'records_pkey'",
            &[],
        )
        .await?;
    for index in &indexes {
        client.batch_execute(&format!("drop index {}", index.get::<_, &str>(0))).await?;
    }
    copy_records(client, modules, tenants).await?;
    copy_links(client, modules, tenants).await?;
    say(&format!("building {} indexes", indexes.len()));
    for index in &indexes {
        client.batch_execute(index.get(1)).await?;
    }
    Ok(())
}

async fn copy_records(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let slots: Vec<&str> = trellis::schema::Slot::all().map(|slot| slot.column()).collect();
    let copy = format!(
        "copy records (tenant_id, id, module, stage, owner_id, created_at, created_by, updated_at, updated_by, source,
           title, search, data, {}) from stdin",
        slots.join(", ")
    );
    let mut sink = pin!(client.copy_in::<_, Bytes>(&copy).await?);
    let mut buffer = String::with_capacity(CHUNK + 8_192);
    let mut count = 0_u64;
    for (at, kind, tenant, number) in in_time(tenants) {
        let module = modules.of(kind);
        let row = module.row(content::data(kind, tenant, number));
        write_record(&mut buffer, &Place { at, kind, tenant, number, module: module.number }, &row)?;
        count += 1;
        if count.is_multiple_of(100_000) {
            say(&format!("{count} records"));
        }
        if buffer.len() >= CHUNK {
            sink.send(Bytes::from(std::mem::take(&mut buffer))).await?;
        }
    }
    sink.send(Bytes::from(buffer)).await?;
    sink.finish().await?;
    Ok(())
}

/// Links of contacts and deals to their organizations.
async fn copy_links(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let mut sink = pin!(
        client.copy_in::<_, Bytes>("copy record_links (tenant_id, from_id, field, to_id) from stdin").await?
    );
    let mut buffer = String::with_capacity(CHUNK + 8_192);
    for (at, kind, tenant, number) in in_time(tenants) {
        let data = content::data(kind, tenant, number);
        for (field, to) in modules.of(kind).links(&data) {
            writeln!(buffer, "{}\t{}\t{field}\t{to}", tenant.id(), id(kind, at, number))?;
        }
        if buffer.len() >= CHUNK {
            sink.send(Bytes::from(std::mem::take(&mut buffer))).await?;
        }
    }
    sink.send(Bytes::from(buffer)).await?;
    sink.finish().await?;
    Ok(())
}

/// Every record of every workspace in the order of its time: (time, kind, workspace, number).
fn in_time(tenants: &[Tenant]) -> impl Iterator<Item = (i64, Kind, &Tenant, u64)> {
    let mut heads = BinaryHeap::new();
    for at in 0..tenants.len() {
        for kind in 0..3_usize {
            heads.push(Reverse((BEGINNING, 0_u64, kind, at)));
        }
    }
    std::iter::from_fn(move || {
        let Reverse((ms, number, kind, at)) = heads.pop()?;
        let tenant = &tenants[at];
        let (word, count) = [
            (Kind::Organization, tenant.organizations),
            (Kind::Contact, tenant.contacts),
            (Kind::Deal, tenant.deals),
        ][kind];
        if number + 1 < count {
            heads.push(Reverse((Tenant::made(word, number + 1, count), number + 1, kind, at)));
        }
        Some((ms, word, tenant, number))
    })
}

/// Where a record belongs.
struct Place<'a> {
    at: i64,
    kind: Kind,
    tenant: &'a Tenant,
    number: u64,
    module: i16,
}

fn write_record(buffer: &mut String, place: &Place<'_>, row: &Row) -> Fallible<()> {
    let member = id(Kind::Member, BEGINNING, place.number % MEMBERS);
    let at = printed(DateTime::from_timestamp_millis(place.at).unwrap_or_default());
    let stage = if place.kind == Kind::Deal { 1 + place.number % 6 } else { 0 };
    write!(
        buffer,
        "{}\t{}\t{}\t{stage}\t{member}\t{at}\t{member}\t{at}\t{member}\timport",
        place.tenant.id(),
        id(place.kind, place.at, place.number),
        place.module,
    )?;
    let data = serde_json::to_string(&row.data)?;
    for text in [&row.title, &row.search, &data] {
        write_text(buffer, Some(text));
    }
    for slot in &row.slots {
        write_text(buffer, slot.as_deref());
    }
    buffer.push('\n');
    Ok(())
}

/// A tab and a text in COPY's form.
fn write_text(buffer: &mut String, text: Option<&str>) {
    buffer.push('\t');
    let Some(text) = text else {
        buffer.push_str("\\N");
        return;
    };
    for character in text.chars() {
        match character {
            '\\' => buffer.push_str("\\\\"),
            '\n' => buffer.push_str("\\n"),
            '\t' => buffer.push_str("\\t"),
            '\r' => buffer.push_str("\\r"),
            other => buffer.push(other),
        }
    }
}
