//! The SQL of saved views.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{NewView, SavedView, Shown, Visibility, problems, told};
use crate::access::Capability;
use crate::db::{DbError, TenantTx};
use crate::id::{UserId, ViewId};
use crate::schema::Module;
use crate::work::Work;

/// Views of a module that the actor may use: all, or one.
pub(super) async fn list(
    work: &Work,
    module: &Module,
    id: Option<ViewId>,
) -> Result<Vec<SavedView>, DbError> {
    let rows = work
        .tx
        .query(
            "select id, version, label, owner_id, visibility, role, default_for, definition, updated_at from saved_views
             where tenant_id = $1 and module = $2 and ($3::uuid is null or id = $3)
               and (owner_id = $4 or visibility = 'everyone' or visibility = 'role' and (role = $5 or $6))
             order by id",
            &[
                &work.tx.tenant(),
                &module.number,
                &id,
                &work.actor.user,
                &work.actor.role_key(),
                // Who manages shared views sees all of them.
                &work.actor.can(Capability::ManageSchema),
            ],
        )
        .await?;
    Ok(rows.iter().filter_map(|row| view(work, module, row)).collect())
}

/// The view as the actor may know of it, if they may.
fn view(work: &Work, module: &Module, row: &Row) -> Option<SavedView> {
    let Json(shown) = row.get::<_, Json<Shown>>("definition");
    let owner: UserId = row.get("owner_id");
    let shown = if owner == work.actor.user { shown } else { told(work, module, shown)? };
    let visibility = Visibility::named(row.get("visibility")).unwrap_or_default();
    let shared = visibility != Visibility::Private;
    Some(SavedView {
        id: row.get("id"),
        version: row.get("version"),
        module: module.key().to_owned(),
        label: row.get("label"),
        owner,
        visibility,
        role: row.get("role"),
        default_for: row.get("default_for"),
        problems: problems(work, module, &shown),
        shown,
        can_edit: owner == work.actor.user || shared && work.actor.can(Capability::ManageSchema),
        updated_at: row.get("updated_at"),
    })
}

/// What a view shows, whoever looks.
pub(super) async fn shown(work: &Work, id: ViewId) -> Result<Option<Shown>, DbError> {
    let row = work
        .tx
        .query_opt(
            "select definition from saved_views where tenant_id = $1 and id = $2",
            &[&work.tx.tenant(), &id],
        )
        .await?;
    Ok(row.map(|row| row.get::<_, Json<Shown>>(0).0))
}

/// The number of a view's module.
pub(super) async fn module(work: &Work, id: ViewId) -> Result<Option<i16>, DbError> {
    let row = work
        .tx
        .query_opt(
            "select module from saved_views where tenant_id = $1 and id = $2",
            &[&work.tx.tenant(), &id],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// The same, and nobody else changes the view until the transaction ends.
pub(super) async fn lock(work: &Work, id: ViewId) -> Result<Option<i16>, DbError> {
    let row = work
        .tx
        .query_opt(
            "select module from saved_views where tenant_id = $1 and id = $2 for update",
            &[&work.tx.tenant(), &id],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

pub(super) async fn count_own(work: &Work, module: i16) -> Result<i64, DbError> {
    let row = work
        .tx
        .query_opt(
            "select count(*) from saved_views where tenant_id = $1 and module = $2 and owner_id = $3",
            &[&work.tx.tenant(), &module, &work.actor.user],
        )
        .await?;
    Ok(row.map_or(0, |row| row.get(0)))
}

pub(super) async fn has_role(tx: &TenantTx, role: &str) -> Result<bool, DbError> {
    let row = tx
        .query_opt("select key from roles where tenant_id = $1 and key = $2", &[&tx.tenant(), &role])
        .await?;
    Ok(row.is_some())
}

/// Takes the place of a role's default from whichever view has it.
pub(super) async fn make_way(
    work: &Work,
    module: i16,
    id: ViewId,
    default_for: Option<&str>,
) -> Result<(), DbError> {
    let Some(role) = default_for else { return Ok(()) };
    work.tx
        .execute(
            "update saved_views set default_for = null, version = version + 1
             where tenant_id = $1 and module = $2 and default_for = $3 and id <> $4",
            &[&work.tx.tenant(), &module, &role, &id],
        )
        .await?;
    Ok(())
}

pub(super) async fn insert(work: &Work, id: ViewId, module: i16, new: &NewView) -> Result<(), DbError> {
    work.tx
        .execute(
            "insert into saved_views (tenant_id, id, module, label, owner_id, visibility, role, default_for, definition,
               created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
            &[
                &work.tx.tenant(),
                &id,
                &module,
                &new.label,
                &work.actor.user,
                &new.visibility.word(),
                &new.role,
                &new.default_for,
                &Json(&new.shown),
                &work.clock.now(),
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn update(work: &Work, id: ViewId, new: &NewView) -> Result<(), DbError> {
    work.tx
        .execute(
            "update saved_views set version = version + 1, label = $3, visibility = $4, role = $5, default_for = $6,
               definition = $7, updated_at = $8
             where tenant_id = $1 and id = $2",
            &[
                &work.tx.tenant(),
                &id,
                &new.label,
                &new.visibility.word(),
                &new.role,
                &new.default_for,
                &Json(&new.shown),
                &work.clock.now(),
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn delete(work: &Work, id: ViewId) -> Result<(), DbError> {
    work.tx
        .execute("delete from saved_views where tenant_id = $1 and id = $2", &[&work.tx.tenant(), &id])
        .await?;
    Ok(())
}
