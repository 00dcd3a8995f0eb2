//! Roles in the database, and their cache; who is in whose team.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use moka::future::Cache;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::matrix::Role;
use super::role::RoleDefinition;
use crate::db::{DbError, TenantTx};
use crate::id::{TeamId, TenantId, UserId};
use crate::schema::Schema;

/// A tenant's roles by key.
pub type Roles = HashMap<String, Arc<Role>>;

/// Roles by (tenant, schema version); an entry is never changed, only replaced by that of a later version.
#[derive(Clone)]
pub struct RoleCache(Cache<(TenantId, i64), Arc<Roles>>);

impl Default for RoleCache {
    fn default() -> Self {
        Self(Cache::new(2_000))
    }
}

impl RoleCache {
    /// The roles of the transaction's tenant in a schema.
    pub async fn get(&self, tx: &TenantTx, schema: &Arc<Schema>) -> Result<Arc<Roles>, DbError> {
        let key = (tx.tenant(), schema.version);
        if let Some(roles) = self.0.get(&key).await {
            return Ok(roles);
        }
        let roles = Arc::new(load(tx, schema).await?);
        self.0.insert(key, roles.clone()).await;
        Ok(roles)
    }
}

/// The tenant's roles in a schema, which must be the whole one.
pub(crate) async fn load(tx: &TenantTx, schema: &Arc<Schema>) -> Result<Roles, DbError> {
    let all = definitions(tx).await?;
    Ok(all.iter().map(|(key, role)| (key.clone(), Arc::new(Role::compile(role, &all, schema)))).collect())
}

/// The tenant's roles as they are declared.
pub async fn definitions(tx: &TenantTx) -> Result<BTreeMap<String, RoleDefinition>, DbError> {
    let rows = tx.query("select key, definition from roles where tenant_id = $1", &[&tx.tenant()]).await?;
    let role = |row: &tokio_postgres::Row| (row.get(0), row.get::<_, Json<RoleDefinition>>(1).0);
    Ok(rows.iter().map(role).collect())
}

/// The keys of all roles.
pub async fn keys(tx: &TenantTx) -> Result<Vec<String>, DbError> {
    let rows = tx.query("select key from roles where tenant_id = $1 order by key", &[&tx.tenant()]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Adds a role, or replaces the one with the same key. The caller raises the schema version.
pub async fn put(tx: &TenantTx, role: &RoleDefinition, origin: &str) -> Result<(), DbError> {
    tx.execute(
        "insert into roles (tenant_id, id, key, origin, definition) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, key) do update set definition = excluded.definition",
        &[&tx.tenant(), &Uuid::now_v7(), &role.key, &origin, &Json(role)],
    )
    .await?;
    Ok(())
}

/// Whose records a scope of team means to a person: those of their team, of the teams they manage and of all teams
/// beneath those; their own in any case. Also of people who have left.
pub async fn team_of(tx: &TenantTx, user: UserId, team: Option<TeamId>) -> Result<Arc<[UserId]>, DbError> {
    let rows = tx
        .query(
            "with recursive led as (
               select t.id from teams t where t.tenant_id = $1 and t.manager_id = $2
               union
               select t.id from teams t join led on t.parent_id = led.id where t.tenant_id = $1)
             select m.user_id from memberships m
             where m.tenant_id = $1 and (m.team_id = $3 or m.team_id in (select led.id from led))",
            &[&tx.tenant(), &user, &team],
        )
        .await?;
    let mut people: Vec<UserId> = rows.iter().map(|row| row.get(0)).chain([user]).collect();
    people.sort_unstable();
    people.dedup();
    Ok(people.into())
}
