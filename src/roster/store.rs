//! Members and teams in the database.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use super::member::MemberFace;
use super::team::Team;
use crate::db::{DbError, TenantTx};
use crate::id::{TeamId, UserId};

/// Every member by name.
pub(super) async fn members(tx: &TenantTx) -> Result<Vec<MemberFace>, DbError> {
    let rows = tx
        .query(
            "select m.user_id, m.name, m.email, m.role, m.is_owner, m.active, t.key as team
             from memberships m left join teams t on t.tenant_id = $1 and t.id = m.team_id
             where m.tenant_id = $1 order by m.name, m.user_id",
            &[&tx.tenant()],
        )
        .await?;
    let member = |row: &Row| MemberFace {
        id: row.get("user_id"),
        name: row.get("name"),
        email: row.get("email"),
        role: row.get("role"),
        owner: row.get("is_owner"),
        team: row.get("team"),
        active: row.get("active"),
    };
    Ok(rows.iter().map(member).collect())
}

/// The active owners, locked, so that two of them cannot leave at the same time.
pub(super) async fn lock_owners(tx: &TenantTx) -> Result<Vec<UserId>, DbError> {
    let rows = tx
        .query(
            "select user_id from memberships where tenant_id = $1 and is_owner and active
             order by user_id for update",
            &[&tx.tenant()],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Writes what of a member can change.
pub(super) async fn put_member(tx: &TenantTx, member: &MemberFace) -> Result<(), DbError> {
    tx.execute(
        "update memberships set role = $3, active = $4, is_owner = $5,
           team_id = (select t.id from teams t where t.tenant_id = $1 and t.key = $6)
         where tenant_id = $1 and user_id = $2",
        &[&tx.tenant(), &member.id, &member.role, &member.active, &member.owner, &member.team],
    )
    .await?;
    Ok(())
}

/// Whether somebody is an active member.
pub(super) async fn is_active(tx: &TenantTx, user: UserId) -> Result<bool, DbError> {
    let found = "select from memberships where tenant_id = $1 and user_id = $2 and active";
    Ok(tx.query_opt(found, &[&tx.tenant(), &user]).await?.is_some())
}

/// The id of the team with a key.
pub(super) async fn team_id(tx: &TenantTx, key: &str) -> Result<Option<TeamId>, DbError> {
    let row =
        tx.query_opt("select id from teams where tenant_id = $1 and key = $2", &[&tx.tenant(), &key]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Every team by name.
pub(super) async fn teams(tx: &TenantTx) -> Result<Vec<Team>, DbError> {
    let rows = tx
        .query(
            "select t.id, t.key, t.name, p.key as parent, t.manager_id,
               (select count(*) from memberships m where m.tenant_id = $1 and m.team_id = t.id) as members
             from teams t left join teams p on p.tenant_id = $1 and p.id = t.parent_id
             where t.tenant_id = $1 order by t.name, t.id",
            &[&tx.tenant()],
        )
        .await?;
    let team = |row: &Row| Team {
        id: row.get("id"),
        key: row.get("key"),
        name: row.get("name"),
        parent: row.get("parent"),
        manager: row.get("manager_id"),
        members: row.get("members"),
    };
    Ok(rows.iter().map(team).collect())
}

/// Every team, with the tree locked: two moves at the same time cannot make a circle.
pub(super) async fn lock_teams(tx: &TenantTx) -> Result<Vec<Team>, DbError> {
    tx.query("select from tenants where id = $1 for no key update", &[&tx.tenant()]).await?;
    teams(tx).await
}

/// Adds a team, or writes over the one with the same id.
pub(super) async fn put_team(tx: &TenantTx, team: &Team, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute(
        "insert into teams (tenant_id, id, key, name, parent_id, manager_id, created_at)
         values ($1, $2, $3, $4, (select p.id from teams p where p.tenant_id = $1 and p.key = $5), $6, $7)
         on conflict (tenant_id, id) do update
           set name = excluded.name, parent_id = excluded.parent_id, manager_id = excluded.manager_id",
        &[&tx.tenant(), &team.id, &team.key, &team.name, &team.parent, &team.manager, &now],
    )
    .await?;
    Ok(())
}

/// Removes a team, and what is shared with it.
pub(super) async fn delete_team(tx: &TenantTx, team: TeamId) -> Result<(), DbError> {
    let grantee = format!("team:{team}");
    tx.execute("delete from record_shares where tenant_id = $1 and grantee = $2", &[&tx.tenant(), &grantee])
        .await?;
    tx.execute("delete from teams where tenant_id = $1 and id = $2", &[&tx.tenant(), &team]).await?;
    Ok(())
}
