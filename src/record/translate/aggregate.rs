//! Groups and what is worked out of them, in SQL. Values are read from `data`, where they are exact.

use tokio_postgres::types::Type;

use super::column::{as_written, held, system_column};
use super::{Untranslatable, stages};
use crate::db::DynamicSql;
use crate::field::Cast;
use crate::limits;
use crate::record::aggregate::{Function, GroupKey, Measure};
use crate::record::query::Operand;
use crate::record::sql::{Binder, Planned, Planner};
use crate::schema::SystemField;

/// Currencies that a group may have at most.
const CURRENCIES: usize = 200;

impl Planner<'_> {
    /// Rows of texts: the groups' keys, the currency of a money field if one is named, the measures.
    pub(in crate::record) fn aggregate(
        &self,
        groups: &[GroupKey],
        measures: &[&Measure],
        currency_of: Option<&str>,
    ) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let conditions = self.conditions(&mut binder)?.join(" and ");
        let mut keys: Vec<String> = groups.iter().map(|key| self.group_key(key, &mut binder)).collect();
        if let Some(key) = currency_of {
            keys.push(format!("r.data -> {} ->> 'currency'", binder.text(key)));
        }
        let results = measures.iter().map(|measure| result(measure, &mut binder));
        let columns: Vec<String> = keys.iter().cloned().chain(results).collect();
        let most = if currency_of.is_some() { limits::GROUPS * CURRENCIES } else { limits::GROUPS + 1 };
        let limit = binder.bind(i64::try_from(most).unwrap_or(i64::MAX), Type::INT8);
        let places = (1..=keys.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
        let grouped = match keys.is_empty() {
            true => String::new(),
            false => format!("group by {places} order by {places}"),
        };
        // All records are one group where there are neither keys nor other results.
        let columns = if columns.is_empty() { "count(*)::text".to_owned() } else { columns.join(", ") };
        let text = format!("select {columns} from records r where {conditions} {grouped} limit {limit}");
        Ok(Planned { sql: DynamicSql::planned(text, false), params: binder.0 })
    }

    /// What some stages hold of the records that match, up to a cap: stage, currency, records, and the sum of an amount.
    pub(in crate::record) fn totals(
        &self,
        stages: Vec<i16>,
        amount: Option<String>,
    ) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let mut conditions = self.conditions(&mut binder)?;
        conditions.push(format!("r.stage = any({})", binder.bind(stages, Type::INT2_ARRAY)));
        let amount = binder.bind(amount, Type::TEXT);
        let cap = binder.bind(limits::COUNT_CAP + 1, Type::INT8);
        let text = format!(
            "select c.stage, coalesce(c.amount ->> 'currency', ''), count(*), sum(case jsonb_typeof(c.amount) \
               when 'object' then (c.amount ->> 'amount')::numeric \
               when 'number' then (c.amount #>> '{{}}')::numeric when 'string' then (c.amount #>> '{{}}')::numeric end)::text \
             from (select r.stage, r.data -> {amount} as amount from records r where {} limit {cap}) c \
             group by 1, 2 order by 1, 2",
            conditions.join(" and ")
        );
        Ok(Planned {
            sql: DynamicSql::planned(text, self.is_reusable(&self.permit.reach())),
            params: binder.0,
        })
    }

    fn group_key(&self, key: &GroupKey, binder: &mut Binder) -> String {
        let value = match key.operand {
            // A stage's number keeps the order of stages; keys that several pipelines share are one group.
            Operand::System(field @ SystemField::Stage) if self.module.shares_stage_keys() => {
                stages::key("r", self.module, field, binder)
            }
            Operand::System(field @ SystemField::Pipeline) => stages::key("r", self.module, field, binder),
            ref operand => value(operand, binder),
        };
        let Some(bucket) = key.bucket else { return format!("({value})::text") };
        let local = match key.operand.cast() {
            Cast::Instant => {
                format!("({value} at time zone {})", binder.text(self.env.timezone.name()))
            }
            _ => format!("({value})::timestamp"),
        };
        format!("date_trunc('{}', {local})::date::text", bucket.word())
    }
}

/// A field's exact value, or a system column as people know it.
fn value(operand: &Operand, binder: &mut Binder) -> String {
    match operand {
        Operand::System(SystemField::Title) => "r.title".to_owned(),
        Operand::System(field) => format!("r.{}", system_column(*field).0),
        Operand::Slot { key, cast, .. } | Operand::Data { key, cast } => as_written("r", key, *cast, binder),
    }
}

fn result(measure: &Measure, binder: &mut Binder) -> String {
    let Some(operand) = &measure.operand else { return "count(*)::text".to_owned() };
    if measure.function == Function::Filled {
        let held = match operand.key() {
            Some(key) => held("r", key, binder),
            None => value(operand, binder),
        };
        return format!("coalesce(round(100.0 * count({held}) / nullif(count(*), 0), 1), 0)::text");
    }
    let value = value(operand, binder);
    let found = match measure.function {
        Function::Sum => format!("sum({value})"),
        Function::Avg => format!("round(avg({value}), 6)"),
        Function::Min => format!("min({value})"),
        Function::Max => format!("max({value})"),
        Function::Count | Function::Filled => return "count(*)::text".to_owned(),
    };
    match operand.cast() {
        Cast::Number | Cast::Amount => format!("trim_scale({found})::text"),
        Cast::Instant => format!("to_char({found} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
        _ => format!("({found})::text"),
    }
}
