//! Workspaces in bulk: copies of one workspace's metadata by SQL, as the owner of the tables.

use serde_json::Value;
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::layout::{BEGINNING, Kind, MEMBERS, TEAM, Tenant, id, lead};
use super::row::{Fallible, Module};

/// The modules that get records.
#[derive(Debug)]
pub struct Modules {
    /// Organizations.
    pub organizations: Module,
    /// Contacts.
    pub contacts: Module,
    /// Deals.
    pub deals: Module,
    /// The stages of the default pipeline: its key and label, theirs, and the category.
    pub stages: Vec<[String; 5]>,
}

impl Modules {
    /// Reads them from a workspace.
    pub async fn read(client: &Client, tenant: Uuid) -> Fallible<Self> {
        Ok(Self {
            organizations: Module::read(client, tenant, Kind::Organization).await?,
            contacts: Module::read(client, tenant, Kind::Contact).await?,
            deals: Module::read(client, tenant, Kind::Deal).await?,
            stages: stages(client, tenant).await?,
        })
    }

    /// That of a kind of record.
    pub fn of(&self, kind: Kind) -> &Module {
        match kind {
            Kind::Organization => &self.organizations,
            Kind::Contact => &self.contacts,
            _ => &self.deals,
        }
    }
}

async fn stages(client: &Client, tenant: Uuid) -> Fallible<Vec<[String; 5]>> {
    let sql =
        "select key, definition from pipelines where tenant_id = $1 and (definition ->> 'default')::boolean
        and module_id in (select id from modules where tenant_id = $1 and key = 'deals')";
    let row = client.query_one(sql, &[&tenant]).await?;
    let (key, Json(pipeline)) = (row.get::<_, String>(0), row.get::<_, Json<Value>>(1));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stage = |stage: &Value| {
        let [own, label, category] = ["key", "label", "category"].map(|key| text(&stage[key]));
        [key.clone(), text(&pipeline["label"]), own, label, category]
    };
    Ok(pipeline["stages"].as_array().into_iter().flatten().map(stage).collect())
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
        ("option_sets", "key, origin, definition"),
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

/// Gives a workspace a team with a lead who sees what the team owns.
pub async fn make_team(client: &Client, tenant: &Tenant) -> Fallible<()> {
    let team: Vec<String> =
        (0..TEAM).map(|number| format!("'{}'", id(Kind::Member, BEGINNING, number))).collect();
    let (tenant, lead, team) = (tenant.id(), lead(), team.join(", "));
    let sql = format!(
        "insert into users (id, email, name, password_hash, created_at)
           select '{lead}', 'lead@bench.example', 'Lead', password_hash, now() from users where id in ({team}) limit 1;
         insert into memberships (tenant_id, user_id, name, email, role, is_owner, created_at)
           values ('{tenant}', '{lead}', 'Lead', 'lead@bench.example', 'team_lead', false, now());
         insert into teams (tenant_id, id, key, name, manager_id, created_at)
           values ('{tenant}', '{lead}', 'north', 'North', '{lead}', now());
         update memberships set team_id = '{lead}' where tenant_id = '{tenant}' and user_id in ({team})"
    );
    Ok(client.batch_execute(&sql).await?)
}
