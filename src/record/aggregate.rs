//! Groups of records and what is counted of them: what is asked for, checked against the module, and the answer.

use std::collections::HashMap;

use futures_util::future::{try_join, try_join_all};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio_postgres::Row;

use super::error::{Error, Fault, Invalid};
use super::link;
use super::query::{self, ListQuery, Operand};
use super::sql::Planner;
use super::translate::Untranslatable;
use super::values;
use crate::access::Read;
use crate::expr;
use crate::field::{Cast, FieldKind};
use crate::id::{RecordId, UserId};
use crate::limits;
use crate::schema::{Module, SystemField};
use crate::work::Work;

/// Query parameters as they arrive.
#[derive(Clone, Debug, Default)]
pub struct RawAggregateQuery {
    /// A condition in the expression language.
    pub filter: Option<String>,
    /// The key of a declared view, whose filter holds as well.
    pub view: Option<String>,
    /// `stage,close_date:month`
    pub group_by: Option<String>,
    /// `count,sum:amount`
    pub measure: Option<String>,
}

/// What is asked for, checked against the module.
#[derive(Debug)]
pub struct AggregateQuery {
    list: ListQuery,
    groups: Vec<GroupKey>,
    measures: Vec<Measure>,
}

/// What records are put together by.
#[derive(Debug)]
pub(super) struct GroupKey {
    /// As it was asked for, `close_date:month`.
    name: String,
    pub(super) operand: Operand,
    pub(super) bucket: Option<Bucket>,
}

/// A span of the calendar, in the tenant's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Bucket {
    const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The word in a query, which is also PostgreSQL's.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// What is worked out of a group's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// How many records there are.
    Count,
    Sum,
    /// The mean of the values there are, to six decimals.
    Avg,
    Min,
    Max,
    /// How many percent of the records have a value, to one decimal.
    Filled,
}

impl Function {
    const ALL: [(&'static str, Self); 6] = [
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("filled", Self::Filled),
    ];

    /// Whether it makes sense of values of this kind.
    fn takes(self, operand: &Operand) -> bool {
        match (self, operand.cast()) {
            (Self::Count, _) => false,
            (Self::Filled, _) | (_, Cast::Number | Cast::Amount) => true,
            (Self::Min | Self::Max, Cast::Date | Cast::Instant) => true,
            _ => false,
        }
    }
}

/// A function of a field; `count` has none.
#[derive(Debug)]
pub(super) struct Measure {
    /// As it was asked for, `sum:amount`.
    name: String,
    pub(super) function: Function,
    pub(super) operand: Option<Operand>,
}

impl Measure {
    /// The field, if its values are money, of which amounts of one currency only may be put together.
    fn money(&self) -> Option<&str> {
        match &self.operand {
            Some(operand) if operand.cast() == Cast::Amount && self.function != Function::Filled => {
                operand.key()
            }
            _ => None,
        }
    }
}

/// The answer.
#[derive(Debug, Serialize)]
pub struct Aggregates {
    /// Groups in the order of their keys; one without keys where nothing is grouped by.
    pub data: Vec<Group>,
    /// Whether there are more groups than are given.
    pub truncated: bool,
}

/// A group of records.
#[derive(Debug, Serialize)]
pub struct Group {
    /// What its records share, by what was asked for: `{"stage": "won", "close_date:month": "2026-01-01"}`.
    pub key: Map<String, Value>,
    /// Results by what was asked for: `{"count": 12, "sum:amount": [{"amount": "1200", "currency": "EUR"}]}`. Sums,
    /// means and extremes of numbers are exact decimals as text; of money one a currency.
    pub values: Map<String, Value>,
}

impl AggregateQuery {
    /// Checks the texts against the module; all faults at once, each at its parameter.
    pub fn parse(work: &Work, module: &Module, raw: &RawAggregateQuery) -> Result<Self, Invalid> {
        let mut faults = Vec::new();
        let view = query::view(module, raw.view.as_deref(), &mut faults);
        let filters = query::filters(work, module, raw.filter.as_deref(), view, &mut faults);
        let groups = parts(raw.group_by.as_deref().unwrap_or_default());
        let measures = parts(raw.measure.as_deref().unwrap_or("count"));
        at_most(&groups, "group_by", limits::GROUP_KEYS, &mut faults);
        at_most(&measures, "measure", limits::MEASURES, &mut faults);
        let groups = sound(groups.into_iter().map(|text| group_key(module, text)), "group_by", &mut faults);
        let measures = sound(measures.into_iter().map(|text| measure(module, text)), "measure", &mut faults);
        Invalid::unless_empty(faults)?;
        Ok(Self { list: ListQuery { filters, ..ListQuery::default() }, groups, measures })
    }
}

fn parts(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

fn at_most(parts: &[&str], parameter: &str, most: usize, faults: &mut Vec<Fault>) {
    if parts.len() > most {
        faults.push(query::fault(parameter, "length", format!("Ask for at most {most}.")));
    }
}

/// Those parts that are understood; the others become faults.
fn sound<T>(
    parts: impl Iterator<Item = Result<T, String>>,
    parameter: &str,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let fault = |message| query::fault(parameter, "unknown_field", message);
    parts.filter_map(|part| part.map_err(|message| faults.push(fault(message))).ok()).collect()
}

fn operand(module: &Module, key: &str) -> Result<Operand, String> {
    Operand::named(module, key).ok_or_else(|| format!("There is no field {key}."))
}

/// `stage`, `close_date:month`
fn group_key(module: &Module, text: &str) -> Result<GroupKey, String> {
    let (key, bucket) = match text.split_once(':') {
        Some((key, word)) => {
            let bucket = Bucket::ALL.into_iter().find(|bucket| bucket.word() == word);
            (key, Some(bucket.ok_or_else(|| format!("Group {key} by day, week, month, quarter or year."))?))
        }
        None => (text, None),
    };
    let operand = operand(module, key)?;
    let is_day = matches!(operand.cast(), Cast::Date | Cast::Instant);
    match (operand.cast(), bucket) {
        (Cast::Amount | Cast::List | Cast::Whole, _) => Err(format!("Records cannot be grouped by {key}.")),
        (_, Some(_)) if !is_day => Err(format!("{key} is no date; only dates are grouped by spans.")),
        (Cast::Instant, None) => Err(format!("Group by a span of {key}, such as {key}:day.")),
        _ => Ok(GroupKey { name: text.to_owned(), operand, bucket }),
    }
}

/// `count`, `sum:amount`
fn measure(module: &Module, text: &str) -> Result<Measure, String> {
    let (word, key) = match text.split_once(':') {
        Some((word, key)) => (word, Some(key)),
        None => (text, None),
    };
    let function = Function::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, function)| function);
    let function = function.ok_or_else(|| format!("{word} is none of count, sum, avg, min, max, filled."))?;
    let operand = match (function, key) {
        (Function::Count, None) => None,
        (Function::Count, Some(_)) => return Err("count takes no field; see filled.".to_owned()),
        (_, None) => return Err(format!("Say of which field: {word}:amount.")),
        (function, Some(key)) => {
            let operand = operand(module, key)?;
            if !function.takes(&operand) {
                return Err(format!("{word} makes no sense of {key}."));
            }
            Some(operand)
        }
    };
    Ok(Measure { name: text.to_owned(), function, operand })
}

/// Groups of the records that the actor may read.
pub async fn aggregate(work: &Work, module: &Module, query: &AggregateQuery) -> Result<Aggregates, Error> {
    let permit = work.actor.permit::<Read>(module.key())?;
    let user = work.actor.user.to_string();
    let nothing = |_: &str| expr::Value::Null;
    let env = values::env(work, &user, &nothing);
    let planner = Planner { work, module, permit: &permit, query: &query.list, env: &env };
    let mut money: Vec<&str> = query.measures.iter().filter_map(Measure::money).collect();
    money.sort_unstable();
    money.dedup();
    let plain: Vec<&Measure> = query.measures.iter().filter(|measure| measure.money().is_none()).collect();
    let (rows, of_money) = try_join(
        rows(work, &planner, &query.groups, &plain, None),
        try_join_all(money.iter().map(async |key| {
            let measures: Vec<&Measure> =
                query.measures.iter().filter(|measure| measure.money() == Some(key)).collect();
            let rows = rows(work, &planner, &query.groups, &measures, Some(key)).await?;
            Ok::<_, Error>((measures, rows))
        })),
    )
    .await?;
    let truncated = rows.len() > limits::GROUPS;
    let faces = Faces::of(work, module, &query.groups, &rows).await?;
    let sums = of_money.iter().flat_map(|(measures, rows)| sums(query.groups.len(), measures, rows));
    let sums: HashMap<Place<'_>, Vec<Value>> = sums.fold(HashMap::new(), |mut all, (at, sum)| {
        all.entry(at).or_default().push(sum);
        all
    });
    let group = |row: &Row| Group {
        key: query
            .groups
            .iter()
            .enumerate()
            .map(|(n, key)| (key.name.clone(), faces.face(key, row.get(n))))
            .collect(),
        values: values_of(query, &plain, row, &sums),
    };
    Ok(Aggregates { data: rows.iter().take(limits::GROUPS).map(group).collect(), truncated })
}

async fn rows(
    work: &Work,
    planner: &Planner<'_>,
    groups: &[GroupKey],
    measures: &[&Measure],
    currency_of: Option<&str>,
) -> Result<Vec<Row>, Error> {
    let planned = planner.aggregate(groups, measures, currency_of).map_err(untranslatable)?;
    Ok(work.tx.query_dynamic(&planned.sql, &planned.params).await?)
}

fn untranslatable(error: Untranslatable) -> Error {
    query::fault("filter", "expression", format!("{error}.")).into()
}

/// A group's key, and what was asked for.
type Place<'m> = (Vec<Option<String>>, &'m str);

fn key_of(groups: usize, row: &Row) -> Vec<Option<String>> {
    (0..groups).map(|n| row.get(n)).collect()
}

/// Each row's results of money: behind its group's key stands the currency, then one result a measure.
fn sums<'m>(groups: usize, measures: &[&'m Measure], rows: &[Row]) -> Vec<(Place<'m>, Value)> {
    let mut sums = Vec::new();
    for row in rows {
        let Some(currency) = row.get::<_, Option<String>>(groups) else { continue };
        for (n, measure) in measures.iter().enumerate() {
            let amount: Option<String> = row.get(groups + 1 + n);
            let sum = json!({"amount": amount, "currency": currency});
            sums.push(((key_of(groups, row), measure.name.as_str()), sum));
        }
    }
    sums
}

fn values_of(
    query: &AggregateQuery,
    plain: &[&Measure],
    row: &Row,
    sums: &HashMap<Place<'_>, Vec<Value>>,
) -> Map<String, Value> {
    let key = key_of(query.groups.len(), row);
    let mut plain_at = query.groups.len()..query.groups.len() + plain.len();
    let value = |measure: &Measure| match measure.money() {
        Some(_) => json!(sums.get(&(key.clone(), measure.name.as_str())).cloned().unwrap_or_default()),
        None => {
            let text: Option<String> = plain_at.next().and_then(|at| row.get(at));
            match measure.function {
                Function::Count | Function::Filled => {
                    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
                }
                _ => json!(text),
            }
        }
    };
    query.measures.iter().map(|measure| measure.name.clone()).zip(query.measures.iter().map(value)).collect()
}

/// Names of the people and records that groups are of.
struct Faces<'m> {
    module: &'m Module,
    names: HashMap<UserId, String>,
    titles: HashMap<RecordId, String>,
}

impl<'m> Faces<'m> {
    async fn of(work: &Work, module: &'m Module, groups: &[GroupKey], rows: &[Row]) -> Result<Self, Error> {
        let (mut people, mut records) = (Vec::new(), Vec::new());
        for (n, key) in groups.iter().enumerate() {
            let ids = rows.iter().filter_map(|row| row.get::<_, Option<String>>(n));
            match Shown::of(module, key) {
                Shown::Person => people.extend(ids.filter_map(|id| id.parse::<UserId>().ok())),
                Shown::Record => records.extend(ids.filter_map(|id| id.parse::<RecordId>().ok())),
                _ => {}
            }
        }
        let (names, titles) = try_join(link::names(work, &people), link::titles(work, &records)).await?;
        Ok(Self { module, names, titles })
    }

    /// A group's key as records show such values.
    fn face(&self, key: &GroupKey, text: Option<String>) -> Value {
        let Some(text) = text else { return Value::Null };
        match Shown::of(self.module, key) {
            Shown::Person => {
                let name = text.parse().ok().and_then(|id: UserId| self.names.get(&id));
                json!({"id": text, "name": name})
            }
            Shown::Record => {
                let title = text.parse().ok().and_then(|id: RecordId| self.titles.get(&id));
                json!({"id": text, "title": title})
            }
            Shown::Stage => {
                let Ok(number) = text.parse() else { return Value::String(text) };
                json!(self.module.stage_numbered(number).map(|stage| &stage.key))
            }
            Shown::Plain => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            Shown::Text => Value::String(text),
        }
    }
}

/// How a group's key is shown.
enum Shown {
    Person,
    Record,
    Stage,
    /// A number or a truth value.
    Plain,
    Text,
}

impl Shown {
    fn of(module: &Module, key: &GroupKey) -> Self {
        let kind = key.operand.key().and_then(|key| module.field(key)).map(|stored| &stored.field.kind);
        match (&key.operand, kind) {
            (Operand::System(SystemField::Stage), _) => Self::Stage,
            (Operand::System(SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy), _)
            | (_, Some(FieldKind::Member(_))) => Self::Person,
            (_, Some(FieldKind::Relation(_))) => Self::Record,
            (operand, _) if matches!(operand.cast(), Cast::Number | Cast::Boolean) => Self::Plain,
            _ => Self::Text,
        }
    }
}
