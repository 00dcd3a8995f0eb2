//! The read path: single records and lists, through one planner.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};
use tokio_postgres::Row;

use super::cursor::{self, Cursor, Position};
use super::error::{Error, Fault};
pub(super) use super::output::broken;
use super::output::{self, Record};
use super::page::{Count, Page};
use super::query::{self, CountMode, ListQuery};
use super::reach;
use super::sql::{self, Phase, Planner};
use super::stage::{self, Sum};
use super::translate::Untranslatable;
use super::values;
use crate::access::{Actor, Permit, Read};
use crate::expr;
use crate::id::RecordId;
use crate::identity::SigningKeys;
use crate::limits;
use crate::pipeline::PipelineDefinition;
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// One record, also from the trash. What the actor may not read does not exist.
pub async fn get(work: &Work, module: &Module, id: RecordId) -> Result<Record, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let row = one(work, module, id).await?;
    match reach::covers(work, module, &permit, (id, row.get("owner_id"))).await? {
        true => shown(work, module, row).await,
        false => Err(Error::NotFound),
    }
}

/// A record that this transaction has just written; its writer sees it, whoever owns it now.
pub(super) async fn written(work: &Work, module: &Module, id: RecordId) -> Result<Record, Error> {
    let row = one(work, module, id).await?;
    shown(work, module, row).await
}

async fn shown(work: &Work, module: &Module, row: Row) -> Result<Record, Error> {
    output::records(work, module, &[row]).await?.pop().ok_or(Error::NotFound)
}

/// The row of a record, without what is kept from the role; whether it may be read at all is for the caller to see.
async fn one(work: &Work, module: &Module, id: RecordId) -> Result<Row, Error> {
    if !module.hidden().is_empty() {
        let planned = sql::those(work.tx.tenant(), module, &[id]);
        let mut rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
        return rows.pop().ok_or(Error::NotFound);
    }
    let row = work
        .tx
        .query_opt(
            "select r.id, r.version, r.owner_id, r.created_at, r.created_by, r.updated_at, r.updated_by, r.stage,
                    r.title, r.deleted_at, r.source, r.data, r.stage_entered_at
             from records r where r.tenant_id = $1 and r.id = $2 and r.module = $3",
            &[&work.tx.tenant(), &id, &module.number],
        )
        .await?;
    row.ok_or(Error::NotFound)
}

/// Those of some records of any modules that the actor may read, also from the trash.
pub(super) async fn readable(work: &Work, ids: &[RecordId]) -> Result<Vec<Record>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = work
        .tx
        .query(
            "select id, module, owner_id from records where tenant_id = $1 and id = any($2)",
            &[&work.tx.tenant(), &ids],
        )
        .await?;
    let mut by_module: BTreeMap<i16, (Arc<Module>, Vec<RecordId>)> = BTreeMap::new();
    for (id, module) in reach::readable(work, &rows).await? {
        by_module.entry(module.number).or_insert_with(|| (module, Vec::new())).1.push(id);
    }
    let mut records = Vec::new();
    for (module, ids) in by_module.into_values() {
        let planned = sql::those(work.tx.tenant(), &module, &ids);
        let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
        records.extend(output::records(work, &module, &rows).await?);
    }
    Ok(records)
}

/// Ok when the actor may read the record, also in the trash.
pub async fn assert_readable(work: &Work, module: &Module, id: RecordId) -> Result<(), Error> {
    assert_readable_by(work, &work.actor, module, id).await
}

/// Ok when some member may read the record.
pub(super) async fn assert_readable_by(
    work: &Work,
    actor: &Actor,
    module: &Module,
    id: RecordId,
) -> Result<(), Error> {
    let permit = actor.permit::<Read>(module.key())?;
    let row = work
        .tx
        .query_opt(
            "select owner_id from records where tenant_id = $1 and id = $2 and module = $3",
            &[&work.tx.tenant(), &id, &module.number],
        )
        .await?;
    let row = row.ok_or(Error::NotFound)?;
    let covered = reach::covers_for(work, actor.user, module, &permit, (id, row.get(0))).await?;
    covered.then_some(()).ok_or(Error::NotFound)
}

/// A page of records that the actor may read. `keys` seal the cursors; without them the page has none.
pub async fn list(
    work: &Work,
    module: &Module,
    query: &ListQuery,
    keys: Option<&SigningKeys>,
) -> Result<Page, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let planner = planner(work, module, &permit, query, &env);
    let (rows, count) = try_join(rows(work, &planner), count(work, &planner)).await?;
    let Slice { rows, before, after } = rows;
    let sort_keys = query.sort.len().max(1);
    let seal = |row: Option<&Row>, backwards: bool| {
        let position = position(row?, sort_keys, backwards);
        cursor::seal(keys?, work.tx.tenant(), module.key(), &Cursor { query: query.texts.clone(), position })
    };
    let next = seal(rows.last().filter(|_| after), false);
    let previous = seal(rows.first().filter(|_| before), true);
    let mut records = output::records(work, module, &rows).await?;
    query.shape.apply(work, &mut records).await?;
    Ok(Page { records, next, previous, unindexed: query.unindexed(module), count })
}

/// The beginnings of several lists, and whether each goes on. Names and titles are looked up once for all of them.
pub(super) async fn heads(
    work: &Work,
    module: &Module,
    queries: &[ListQuery],
) -> Result<Vec<(Vec<Record>, bool)>, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let slices = queries.iter().map(async |query| {
        let planner = planner(work, module, &permit, query, &env);
        rows(work, &planner).await
    });
    let slices = try_join_all(slices).await?;
    let ends: Vec<(usize, bool)> = slices.iter().map(|slice| (slice.rows.len(), slice.after)).collect();
    let rows: Vec<Row> = slices.into_iter().flat_map(|slice| slice.rows).collect();
    let mut records = output::records(work, module, &rows).await?.into_iter();
    Ok(ends.into_iter().map(|(length, more)| (records.by_ref().take(length).collect(), more)).collect())
}

/// Ids of readable records that a condition holds for, `after` one and not after another, in their order.
pub(super) async fn matching(
    work: &Work,
    module: &Module,
    query: &ListQuery,
    (after, until): (RecordId, RecordId),
    limit: usize,
) -> Result<Vec<RecordId>, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let planned = planner(work, module, &permit, query, &env).ids(after, until, limit);
    let planned = planned.map_err(untranslatable)?;
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// How many readable records a condition holds for.
pub(super) async fn matches(work: &Work, module: &Module, query: &ListQuery) -> Result<i64, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let planned = planner(work, module, &permit, query, &env).count(false).map_err(untranslatable)?;
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

/// The records of a module that match some words best, how well the best of them does (0 is best), and how many do.
pub(super) async fn best(
    work: &Work,
    module: &Module,
    words: &str,
    limit: usize,
) -> Result<(Vec<Record>, i32, Count), Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let query = ListQuery { q: Some(words.to_owned()), limit, ..ListQuery::default() };
    let planned = planner(work, module, &permit, &query, &env).best(&expr::fold(words), limit);
    let planned = planned.map_err(untranslatable)?;
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    let first = rows.first();
    let value: i64 = first.map_or(0, |row| row.get("found"));
    let count = Count { value, exact: value < limits::SEARCH_CANDIDATES };
    let rank = first.map_or(i32::MAX, |row| row.get("rank"));
    Ok((output::records(work, module, &rows).await?, rank, count))
}

fn planner<'a>(
    work: &'a Work,
    module: &'a Module,
    permit: &'a Permit<Read>,
    query: &'a ListQuery,
    env: &'a expr::Env<'a>,
) -> Planner<'a> {
    Planner { work, module, permit, query, env }
}

/// Those of some records that a relation's condition allows to be chosen, as far as the actor may read them.
pub(super) async fn eligible(
    work: &Work,
    stored: &StoredField,
    ids: &[RecordId],
) -> Result<HashSet<RecordId>, Error> {
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let mut eligible = HashSet::new();
    let link = stored.link();
    for module in link.iter().flat_map(|link| &link.targets).filter_map(|target| work.schema.module(target)) {
        let Ok(permit) = work.actor.permit::<Read>(module.key()) else { continue };
        let query = ListQuery { filters: query::eligibility(work, stored, module), ..ListQuery::default() };
        let planned = planner(work, module, &permit, &query, &env).among(ids).map_err(untranslatable)?;
        let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
        eligible.extend(rows.iter().map(|row| row.get::<_, RecordId>(0)));
    }
    Ok(eligible)
}

/// The rows of a page, in the list's order, and whether there are others before and after.
struct Slice {
    rows: Vec<Row>,
    before: bool,
    after: bool,
}

async fn rows(work: &Work, planner: &Planner<'_>) -> Result<Slice, Error> {
    let position = planner.query.cursor.as_ref().map(|cursor| &cursor.position);
    let backwards = position.is_some_and(|position| position.backwards);
    let limit = planner.query.limit;
    let mut rows: Vec<Row> = Vec::new();
    for (phase, position) in phases(planner, position, backwards) {
        let missing = limit + 1 - rows.len();
        let planned = planner.page(phase, position, backwards, missing).map_err(untranslatable)?;
        rows.extend(work.tx.query_dynamic(&planned.sql, &planned.params).await?);
        if rows.len() > limit {
            break;
        }
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    if backwards {
        rows.reverse();
    }
    let (before, after) = if backwards { (more, true) } else { (position.is_some(), more) };
    Ok(Slice { rows, before, after })
}

/// Which statements give the page: filled ones first, then empty ones; on the way back the other way round.
fn phases<'p>(
    planner: &Planner<'_>,
    position: Option<&'p Position>,
    backwards: bool,
) -> Vec<(Phase, Option<&'p Position>)> {
    if !planner.has_empty_phase() {
        return vec![(Phase::Filled, position)];
    }
    let stands_in_empty = position.is_some_and(|position| position.keys.first().is_some_and(Option::is_none));
    match (stands_in_empty, backwards) {
        (false, false) => vec![(Phase::Filled, position), (Phase::Empty, None)],
        (true, false) => vec![(Phase::Empty, position)],
        (false, true) => vec![(Phase::Filled, position)],
        (true, true) => vec![(Phase::Empty, position), (Phase::Filled, None)],
    }
}

fn position(row: &Row, sort_keys: usize, backwards: bool) -> Position {
    let keys = (0..sort_keys).map(|n| row.get(format!("k{n}").as_str())).collect();
    Position { backwards, keys, id: row.get("id") }
}

async fn count(work: &Work, planner: &Planner<'_>) -> Result<Option<Count>, Error> {
    let capped = match planner.query.count {
        CountMode::None => return Ok(None),
        CountMode::Capped => true,
        CountMode::Exact => false,
    };
    let planned = planner.count(capped).map_err(untranslatable)?;
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    let value: i64 = rows.first().map_or(0, |row| row.get(0));
    // A search looks at so many candidates only, so a count that reaches them may have been cut short.
    let cut = planner.query.q.is_some() && value >= limits::SEARCH_CANDIDATES;
    let exact = !cut && (!capped || value <= limits::COUNT_CAP);
    Ok(Some(Count { value, exact }))
}

/// What the stages of a pipeline hold of the records that match a query, up to the cap of counts.
pub(super) async fn totals(
    work: &Work,
    module: &Module,
    query: &ListQuery,
    pipeline: &PipelineDefinition,
) -> Result<Vec<Sum>, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let stages = pipeline.stages.iter().map(|stage| stage.number).collect();
    let planner = planner(work, module, &permit, query, &env);
    let planned = planner.totals(stages, pipeline.amount.clone()).map_err(untranslatable)?;
    let rows = work.tx.query_dynamic(&planned.sql, &planned.params).await?;
    Ok(rows.iter().map(stage::sum).collect())
}

fn untranslatable(error: Untranslatable) -> Error {
    Fault::new("/query/filter", "expression", format!("{error}.")).into()
}
