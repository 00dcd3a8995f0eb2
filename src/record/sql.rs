//! The query planner: from a checked query to SQL. The only place that puts SQL together. Text is made of constants
//! and parameter numbers; every value, field keys among them, is bound. Every statement pins the tenant, so that it
//! is planned for this tenant and routed to its node, whatever row-level security adds.

use tokio_postgres::types::{ToSql, Type};

use super::cursor::Position;
use super::output::COLUMNS;
use super::query::{ListQuery, Operand, Related, SortKey};
use super::translate::column::{data_type, from_data, ranked, slot_type, system_column};
use super::translate::reach::LISTED;
use super::translate::search::Search;
use super::translate::{self, Untranslatable, reach, stages};
use crate::access::{Owners, Permit, Reach, Read, VerbType};
use crate::db::{DynamicSql, Param};
use crate::expr::Env;
use crate::field::Cast;
use crate::id::{RecordId, TenantId};
use crate::limits;
use crate::schema::{Module, SystemField};
use crate::work::Work;

/// A statement with its values.
pub(super) struct Planned {
    pub(super) sql: DynamicSql,
    pub(super) params: Vec<Param>,
}

/// Which records of a sorted list a statement gives: those that have a value for the first sort key come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Those with a value, in the order of an index.
    Filled,
    /// Those without.
    Empty,
}

/// What all statements of one list share.
pub(super) struct Planner<'a> {
    pub(super) work: &'a Work,
    pub(super) module: &'a Module,
    pub(super) permit: &'a Permit<Read>,
    pub(super) query: &'a ListQuery,
    pub(super) env: &'a Env<'a>,
}

/// Values bound so far.
#[derive(Default)]
pub(super) struct Binder(pub(super) Vec<Param>);

impl Binder {
    /// Binds a value; gives its placeholder.
    pub(super) fn bind(&mut self, value: impl ToSql + Sync + Send + 'static, ty: Type) -> String {
        self.0.push(Param::new(value, ty));
        format!("${}", self.0.len())
    }

    pub(super) fn text(&mut self, text: impl Into<String>) -> String {
        self.bind(text.into(), Type::TEXT)
    }
}

/// A sort key in SQL.
#[derive(Clone)]
struct SortExpression {
    sql: String,
    /// The PostgreSQL type that its printed form is read back with.
    ty: &'static str,
    /// Whether it may be null in the records that the statement looks at.
    nullable: bool,
    descending: bool,
}

impl SortExpression {
    fn of(
        planner: &Planner<'_>,
        key: &SortKey,
        backwards: bool,
        binder: &mut Binder,
    ) -> Result<Self, Untranslatable> {
        let (ty, nullable) = match &key.operand {
            Operand::Data { cast: Cast::Option, .. } => ("integer", true),
            Operand::System(field) => {
                let (_, ty, nullable) = system_column(*field);
                (ty, nullable || !key.via.is_empty())
            }
            Operand::Slot { cast, .. } => (slot_type(*cast), true),
            Operand::Data { cast, .. } => (data_type(*cast), true),
        };
        let mut sql = |r: &'static str, module: &Module, binder: &mut Binder| match &key.operand {
            Operand::Data { key, cast: Cast::Option } => ranked(r, module, key, binder),
            Operand::System(field @ (SystemField::Pipeline | SystemField::Stage)) => {
                stages::order(r, module, *field, binder)
            }
            Operand::System(field) => format!("{r}.{}", system_column(*field).0),
            Operand::Slot { slot, .. } => format!("{r}.{}", slot.column()),
            Operand::Data { key, cast } => from_data(r, key, *cast, binder),
        };
        let Planner { work, module, env, .. } = planner;
        let sql = translate::along(&key.via, work, module, env, binder, &mut sql)?;
        Ok(Self { sql, ty, nullable, descending: key.descending != backwards })
    }

    fn direction(&self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// The operator of what comes after it.
    fn beyond(&self) -> &'static str {
        if self.descending { "<" } else { ">" }
    }
}

impl Planner<'_> {
    /// Whether the list has records without a value for its first sort key, which come after all others.
    pub(super) fn has_empty_phase(&self) -> bool {
        let first = self.query.sort.first();
        if first.is_some_and(|key| !key.via.is_empty()) {
            return true;
        }
        match first.map(|key| &key.operand) {
            None => false,
            Some(Operand::System(field)) => system_column(*field).2 && *field != SystemField::Title,
            Some(Operand::Slot { .. } | Operand::Data { .. }) => true,
        }
    }

    fn sort(&self) -> Vec<SortKey> {
        match self.query.sort.is_empty() {
            true => vec![SortKey { descending: true, ..SortKey::system(SystemField::CreatedAt) }],
            false => self.query.sort.clone(),
        }
    }

    fn sort_expressions(
        &self,
        backwards: bool,
        binder: &mut Binder,
    ) -> Result<Vec<SortExpression>, Untranslatable> {
        self.sort().iter().map(|key| SortExpression::of(self, key, backwards, binder)).collect()
    }

    /// At most `limit` records of one phase, after (or before) a position. Rows carry [`COLUMNS`] and then the sort
    /// keys as text, `k0`, `k1`…
    pub(super) fn page(
        &self,
        phase: Phase,
        position: Option<&Position>,
        backwards: bool,
        limit: usize,
    ) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let reach = self.permit.reach();
        let mut conditions = self.matching(&reach, &mut binder)?;
        let mut keys = self.sort_expressions(backwards, &mut binder)?;
        let sorted_from = match (phase, keys.first_mut()) {
            (Phase::Empty, Some(first)) => {
                conditions.push(format!("{} is null", first.sql));
                1
            }
            (Phase::Filled, Some(first)) if first.nullable => {
                conditions.push(format!("{} is not null", first.sql));
                first.nullable = false;
                0
            }
            _ => 0,
        };
        let sorted = &keys[sorted_from..];
        let id_descending = keys.last().is_some_and(|key| key.descending);
        if let Some(position) = position {
            conditions.push(beyond(sorted, position, backwards, id_descending, &mut binder));
        }
        let walk = Walk { conditions, keys: &keys, sorted, id_descending, backwards, limit };
        let text = self.text(&walk, &reach, &mut binder)?;
        Ok(Planned { sql: DynamicSql::planned(text, self.is_reusable(&reach)), params: binder.0 })
    }

    /// One walk where one index gives the order. Else several, each as short as the page, and merged: one for each
    /// owner of a team, and one for what is shared.
    fn text(&self, walk: &Walk<'_>, reach: &Reach, binder: &mut Binder) -> Result<String, Untranslatable> {
        let columns = columns(self.module, binder);
        let limit = binder.bind(walk.limit as i64, Type::INT8);
        let role = reach::role_condition(reach, (self.work, self.module), "r", self.env, binder)?;
        let shared = reach::shared(reach, &LISTED, binder);
        let (by_owner, owners) = match &reach.owners {
            Owners::Any(users) if self.walks_by_owner(users.len()) => {
                let users = binder.bind(users.to_vec(), Type::UUID_ARRAY);
                (Some(users), Some("r.owner_id = o.id".to_owned()))
            }
            _ => (None, reach::owners(reach, "r", binder)),
        };
        let merged = by_owner.is_some() || shared.is_some();
        let own: Vec<String> = owners.into_iter().chain(role.clone()).collect();
        let select = |more: &[String]| walk.select(&columns, more, &limit, merged);
        let mut branches = vec![match &by_owner {
            Some(users) => {
                format!("select w.* from unnest({users}) as o (id) cross join lateral ({}) w", select(&own))
            }
            None => select(&own),
        }];
        if let Some(shared) = shared {
            let others = reach::owners(reach, "r", binder).into_iter().chain(role).collect::<Vec<_>>();
            branches.push(select(&[shared, format!("({}) is not true", others.join(" and "))]));
        }
        if !merged {
            return Ok(branches.concat());
        }
        let order = walk.merged_order();
        Ok(format!("select * from (({})) r order by {order} limit {limit}", branches.join(") union all (")))
    }

    /// Whether the index of owners gives the order of the list: newest or oldest first, of few enough people.
    fn walks_by_owner(&self, owners: usize) -> bool {
        let by_age = match self.query.sort.as_slice() {
            [] => true,
            [key] => matches!(key.operand, Operand::System(SystemField::CreatedAt)),
            _ => false,
        };
        by_age && owners <= WALKED_OWNERS && self.query.q.is_none() && !self.query.trash
    }

    /// Those of some records that match.
    pub(super) fn among(&self, ids: &[RecordId]) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let conditions = self.conditions(&mut binder)?.join(" and ");
        let ids = binder.bind(ids.to_vec(), Type::UUID_ARRAY);
        let text = format!("select r.id from records r where {conditions} and r.id = any({ids})");
        Ok(Planned { sql: DynamicSql::planned(text, false), params: binder.0 })
    }

    /// How many records match, up to a cap or all.
    pub(super) fn count(&self, capped: bool) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let reach = self.permit.reach();
        let conditions = self.conditions(&mut binder)?.join(" and ");
        let text = match capped {
            true => {
                let cap = binder.bind(limits::COUNT_CAP + 1, Type::INT8);
                format!("select count(*) from (select from records r where {conditions} limit {cap}) counted")
            }
            false => format!("select count(*) from records r where {conditions}"),
        };
        Ok(Planned { sql: DynamicSql::planned(text, self.is_reusable(&reach)), params: binder.0 })
    }

    /// Ids of matching records in a range, `after` excluded and `until` included, in their order.
    pub(super) fn ids(
        &self,
        after: RecordId,
        until: RecordId,
        limit: usize,
    ) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let conditions = self.conditions(&mut binder)?.join(" and ");
        let (after, until) = (binder.bind(after, Type::UUID), binder.bind(until, Type::UUID));
        let limit = binder.bind(limit as i64, Type::INT8);
        let text = format!(
            "select r.id from records r where {conditions} and r.id > {after} and r.id <= {until} order by r.id limit {limit}"
        );
        Ok(Planned { sql: DynamicSql::planned(text, false), params: binder.0 })
    }

    /// Without a caller's own conditions there are only few hundred texts.
    pub(super) fn is_reusable(&self, reach: &Reach) -> bool {
        let slotted = |key: &SortKey| key.via.is_empty() && !matches!(key.operand, Operand::Data { .. });
        let plain = self.query.filters.is_empty() && self.query.q.is_none() && reach.condition.is_none();
        plain && self.query.sort.iter().all(slotted)
    }

    /// What the records of an answer meet: what the query asks for, and that they are in reach.
    pub(super) fn conditions(&self, binder: &mut Binder) -> Result<Vec<String>, Untranslatable> {
        let reach = self.permit.reach();
        let mut conditions = self.matching(&reach, binder)?;
        conditions.extend(reach::within(&reach, (self.work, self.module), &LISTED, self.env, binder)?);
        Ok(conditions)
    }

    /// What the query asks for, whoever asks.
    fn matching(&self, reach: &Reach, binder: &mut Binder) -> Result<Vec<String>, Untranslatable> {
        let tenant = binder.bind(self.work.tx.tenant(), Type::UUID);
        let module = binder.bind(self.module.number, Type::INT2);
        let mut conditions = vec![
            format!("r.tenant_id = {tenant}"),
            format!("r.module = {module}"),
            format!("r.deleted_at is {}null", if self.query.trash { "not " } else { "" }),
        ];
        if let Some(stage) = self.query.stage {
            conditions.push(format!("r.stage = {}", binder.bind(stage, Type::INT2)));
        }
        if let Some(related) = &self.query.related {
            conditions.push(linked(related, binder));
        }
        for filter in &self.query.filters {
            conditions.push(translate::condition(filter, self.work, self.module, self.env, binder)?);
        }
        if let Some(q) = &self.query.q {
            let search = Search { q, module: self.module, reach, trash: self.query.trash };
            conditions.extend(translate::search::conditions(&search, binder));
        }
        Ok(conditions)
    }
}

/// The condition that a record is linked with another by a relation.
fn linked(related: &Related, binder: &mut Binder) -> String {
    let (own, other) = if related.inward { ("from_id", "to_id") } else { ("to_id", "from_id") };
    let (record, field) = (binder.bind(related.record, Type::UUID), binder.bind(related.field, Type::INT2));
    format!(
        "exists (select from record_links l where l.tenant_id = $1 and l.{own} = r.id and l.{other} = {record}
           and l.field = {field})"
    )
}

/// Owners whose records are walked one by one at most; more people own so much that a walk over all records finds
/// theirs soon.
const WALKED_OWNERS: usize = 64;

/// A walk over records in the order of a list.
struct Walk<'a> {
    conditions: Vec<String>,
    keys: &'a [SortExpression],
    /// Those of the keys that order the phase.
    sorted: &'a [SortExpression],
    id_descending: bool,
    backwards: bool,
    limit: usize,
}

impl Walk<'_> {
    /// The walk's statement. One that is merged with others carries its keys as they are sorted too, `o0`, `o1`…
    fn select(&self, columns: &str, more: &[String], limit: &str, merged: bool) -> String {
        let printed: String =
            (0..).zip(self.keys).map(|(n, key)| format!(", ({})::text as k{n}", key.sql)).collect();
        let raw: String = match merged {
            true => (0..).zip(self.sorted).map(|(n, key)| format!(", {} as o{n}", key.sql)).collect(),
            false => String::new(),
        };
        let conditions: Vec<&str> = self.conditions.iter().chain(more).map(String::as_str).collect();
        let order = order_by(self.sorted, self.id_descending, self.backwards);
        format!(
            "select {columns}{printed}{raw} from records r where {} order by {order} limit {limit}",
            conditions.join(" and ")
        )
    }

    fn merged_order(&self) -> String {
        let merged: Vec<SortExpression> = (0..)
            .zip(self.sorted)
            .map(|(n, key)| SortExpression { sql: format!("r.o{n}"), ..key.clone() })
            .collect();
        order_by(&merged, self.id_descending, self.backwards)
    }
}

/// The columns of a record, without the values that are kept from the role.
fn columns(module: &Module, binder: &mut Binder) -> String {
    match module.hidden() {
        [] => COLUMNS.to_owned(),
        hidden => {
            let hidden = binder.bind(hidden.to_vec(), Type::TEXT_ARRAY);
            COLUMNS.replace("r.data", &format!("(r.data - {hidden}) as data"))
        }
    }
}

/// Records by their ids, without the values that are kept from the role; also from the trash.
pub(super) fn those(tenant: TenantId, module: &Module, ids: &[RecordId]) -> Planned {
    let mut binder = Binder::default();
    let tenant = binder.bind(tenant, Type::UUID);
    let number = binder.bind(module.number, Type::INT2);
    let ids = binder.bind(ids.to_vec(), Type::UUID_ARRAY);
    let columns = columns(module, &mut binder);
    let text = format!(
        "select {columns} from records r where r.tenant_id = {tenant} and r.module = {number} and r.id = any ({ids})"
    );
    Planned { sql: DynamicSql::planned(text, true), params: binder.0 }
}

/// Those of some records that a permit extends to: their ids.
pub(super) fn covered<V: VerbType>(
    (work, env): (&Work, &Env<'_>),
    module: &Module,
    permit: &Permit<V>,
    ids: &[RecordId],
) -> Result<Planned, Untranslatable> {
    let mut binder = Binder::default();
    let reach = permit.reach();
    let tenant = binder.bind(work.tx.tenant(), Type::UUID);
    let number = binder.bind(module.number, Type::INT2);
    let ids = binder.bind(ids.to_vec(), Type::UUID_ARRAY);
    let within = reach::within(&reach, (work, module), &LISTED, env, &mut binder)?;
    let within = within.unwrap_or_else(|| "true".into());
    let text = format!(
        "select r.id from records r where r.tenant_id = {tenant} and r.module = {number} and r.id = any ({ids}) and {within}"
    );
    Ok(Planned { sql: DynamicSql::planned(text, reach.condition.is_none()), params: binder.0 })
}

/// Those of some records, by their ids, without the values that are kept from the role: id, title, data.
pub(super) fn told(tenant: TenantId, module: &Module, ids: &[RecordId]) -> Planned {
    let mut binder = Binder::default();
    let tenant = binder.bind(tenant, Type::UUID);
    let number = binder.bind(module.number, Type::INT2);
    let ids = binder.bind(ids.to_vec(), Type::UUID_ARRAY);
    let hidden = binder.bind(module.hidden().to_vec(), Type::TEXT_ARRAY);
    let text = format!(
        "select r.id, r.data - {hidden} as data from records r
         where r.tenant_id = {tenant} and r.module = {number} and r.id = any ({ids})"
    );
    Planned { sql: DynamicSql::planned(text, true), params: binder.0 }
}

fn order_by(sorted: &[SortExpression], id_descending: bool, backwards: bool) -> String {
    // Empty values come last, and so first on the way back.
    let nulls = if backwards { " nulls first" } else { " nulls last" };
    let mut order: Vec<String> = sorted
        .iter()
        .map(|key| format!("{} {}{}", key.sql, key.direction(), if key.nullable { nulls } else { "" }))
        .collect();
    order.push(format!("r.id {}", if id_descending { "desc" } else { "asc" }));
    order.join(", ")
}

/// The condition that a record comes after a position in the order of the statement.
fn beyond(
    sorted: &[SortExpression],
    position: &Position,
    backwards: bool,
    id_descending: bool,
    binder: &mut Binder,
) -> String {
    let values = &position.keys[position.keys.len().saturating_sub(sorted.len())..];
    let id = binder.bind(position.id, Type::UUID);
    if let ([key], [Some(value)]) = (sorted, values)
        && !key.nullable
    {
        // The form that an index on (key, id) answers in one descent.
        let value = read_back(key, value, binder);
        return format!("({}, r.id) {} ({value}, {id})", key.sql, key.beyond());
    }
    // From the last key to the first: beyond by this key, or level with it and beyond by the rest.
    let mut condition = format!("r.id {} {id}", if id_descending { "<" } else { ">" });
    for (key, value) in sorted.iter().zip(values).rev() {
        let sql = &key.sql;
        condition = match value {
            Some(value) => {
                let value = read_back(key, value, binder);
                let empties = match key.nullable && !backwards {
                    true => format!(" or {sql} is null"),
                    false => String::new(),
                };
                format!("({sql} {} {value} or ({sql} = {value} and {condition}){empties})", key.beyond())
            }
            None if backwards => format!("({sql} is not null or {condition})"),
            None => format!("({sql} is null and {condition})"),
        };
    }
    condition
}

/// A sort key's printed value, as a value of its type again.
fn read_back(key: &SortExpression, value: &str, binder: &mut Binder) -> String {
    format!("{}::{}", binder.text(value), key.ty)
}
