//! The trash of a module: what was deleted, by whom, when, and whether it may be brought back.

use serde::Serialize;

use super::link::ListAddress;
use super::{ModuleFace, ViewContext, history};
use crate::identity::SigningKeys;
use crate::record::{self, ListQuery, RawListQuery, Record};
use crate::schema::Module;

/// Everything that a trash page shows.
#[derive(Clone, Debug, Serialize)]
pub struct TrashModel {
    /// The module.
    pub module: ModuleFace,
    /// Records in the trash.
    pub rows: Vec<TrashRow>,
    /// The page before; "" for none.
    pub previous_href: String,
    /// The page after; "" for none.
    pub next_href: String,
}

/// A record in the trash.
#[derive(Clone, Debug, Serialize)]
pub struct TrashRow {
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// When it was deleted, for people.
    pub deleted: String,
    /// Who deleted it; "" when that is not known.
    pub by: String,
    /// Where it is brought back; "" where the actor may not.
    pub restore_href: String,
}

/// A page of a module's trash.
pub async fn trash(
    ctx: ViewContext<'_>,
    module: &Module,
    cursor: &str,
    key: &SigningKeys,
) -> Result<TrashModel, record::Error> {
    let raw = RawListQuery {
        sort: Some("-updated_at".into()),
        limit: Some("50".into()),
        cursor: Some(cursor.to_owned()),
        count: Some("none".into()),
        trash: true,
        ..RawListQuery::default()
    };
    let query = ListQuery::parse(ctx.work, module, &raw, key)?;
    let page = record::list(ctx.work, module, &query, Some(key)).await?;
    let address = ListAddress::new(ctx.links.trash(module.key()));
    let href = |cursor: &Option<String>| cursor.as_deref().map(|at| address.at(at)).unwrap_or_default();
    Ok(TrashModel {
        module: ModuleFace::new(module, ctx.links),
        rows: page.records.iter().map(|record| row(ctx, module, record)).collect(),
        previous_href: href(&page.previous),
        next_href: href(&page.next),
    })
}

fn row(ctx: ViewContext<'_>, module: &Module, record: &Record) -> TrashRow {
    let restore_href = ctx.links.of_record(module.key(), record.id, "restore");
    TrashRow {
        title: record.title.clone(),
        href: ctx.links.record(module.key(), record.id),
        deleted: record.deleted_at.map(|at| history::when(ctx, at)).unwrap_or_default(),
        by: record.updated_by.as_ref().and_then(|by| by.name.clone()).unwrap_or_default(),
        restore_href: if record.can.delete { restore_href } else { String::new() },
    }
}
