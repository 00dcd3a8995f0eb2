//! What a record adds to a roll-up, and what a roll-up has added up.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Ground, State};
use crate::expr;
use crate::field::rules::RollupFunction;
use crate::field::{self, FieldKind};
use crate::id::RecordId;
use crate::record::link;
use crate::record::rules::formula;
use crate::schema::Module;
use crate::schema::rules::RollupPlan;

/// What a record adds to a roll-up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Share {
    /// Its currency, or nothing.
    pub(super) unit: String,
    /// Its value; true where records are counted.
    pub(super) value: expr::Value,
}

impl Share {
    /// What is added to a total; counted things and dates add nothing.
    pub(super) fn amount(&self) -> Decimal {
        match self.value {
            expr::Value::Number(number) => number,
            _ => Decimal::ZERO,
        }
    }
}

/// What a record adds to which records: nothing where it lies in the trash or does not meet the condition.
pub(super) fn shares(
    ground: Ground<'_>,
    plan: &RollupPlan,
    state: Option<&State>,
) -> Option<(Vec<RecordId>, Share)> {
    let state = state.filter(|state| state.live)?;
    let module = ground.schema.whole_numbered(plan.child)?;
    let share = share(ground, plan, module, state)?;
    let links = link::links(module, &state.data);
    let parents: Vec<RecordId> =
        links.into_iter().filter(|(number, _)| *number == plan.link).map(|(_, to)| to).collect();
    (!parents.is_empty()).then_some((parents, share))
}

/// What a record adds to each record that it points to.
pub(super) fn share(ground: Ground<'_>, plan: &RollupPlan, module: &Module, state: &State) -> Option<Share> {
    let fields = |path: &str| formula::value(module, state.stage, &state.data, path);
    if let Some(condition) = &plan.condition {
        let zone = ground.locale.timezone;
        let env = expr::Env { fields: &fields, now: ground.now, timezone: zone, user: None };
        if expr::evaluate(condition, &env) != Ok(expr::Value::Boolean(true)) {
            return None;
        }
    }
    let Some(key) = &plan.value else {
        return Some(Share { unit: String::new(), value: expr::Value::Boolean(true) });
    };
    let value = module.value(&state.data, key);
    if value.is_empty() {
        return None;
    }
    let kind = &module.field(key)?.field.kind;
    let currency = state.data.get(key).and_then(|value| field::currency_of(kind, value));
    let unit = match plan.function {
        RollupFunction::Count => String::new(),
        _ => currency.unwrap_or_default().to_owned(),
    };
    Some(Share { unit, value })
}

/// What a roll-up has added up, by unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally(pub(super) BTreeMap<String, (i64, Decimal)>);

impl Tally {
    pub(super) fn add(&mut self, share: &Share, sign: i64) {
        let (count, total) = self.0.entry(share.unit.clone()).or_default();
        *count += sign;
        *total = total.checked_add(share.amount() * Decimal::from(sign)).unwrap_or(*total);
    }

    /// How many records have added something.
    pub(super) fn count(&self) -> i64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// The one unit in which everything is counted; None where there are several.
    fn unit(&self) -> Option<(&str, i64, Decimal)> {
        let mut counted = self.0.iter().filter(|(_, (count, _))| *count > 0);
        let first =
            counted.next().map_or(("", 0, Decimal::ZERO), |(unit, (count, total))| (unit, *count, *total));
        counted.next().is_none().then_some(first)
    }

    /// The roll-up's value in its field's form. `extreme` is the least or greatest value, where one is asked for. Amounts
    /// in several currencies have no sum.
    pub(super) fn value(
        &self,
        ground: Ground<'_>,
        plan: &RollupPlan,
        kind: &FieldKind,
        extreme: Option<&expr::Value>,
    ) -> Option<Value> {
        let number = |number: Decimal| Some(expr::Value::Number(number));
        let (unit, count, total) = match plan.function {
            RollupFunction::Count => ("", self.count(), Decimal::ZERO),
            _ => self.unit()?,
        };
        let value = match plan.function {
            RollupFunction::Count => number(count.into()),
            RollupFunction::Sum => number(total),
            RollupFunction::Avg => total.checked_div(count.into()).and_then(number),
            RollupFunction::Min | RollupFunction::Max => extreme.cloned().filter(|_| count > 0),
        };
        let currency = Some(unit).filter(|unit| !unit.is_empty());
        field::settled(kind, &value?, currency, ground.locale)
    }
}

/// Whether one value stands before another as a roll-up wants it: less for the least, more for the greatest.
pub(super) fn is_better(plan: &RollupPlan, one: &expr::Value, other: &expr::Value) -> bool {
    let order = match (one, other) {
        (expr::Value::Number(one), expr::Value::Number(other)) => one.cmp(other),
        (expr::Value::Date(one), expr::Value::Date(other)) => one.cmp(other),
        (expr::Value::Instant(one), expr::Value::Instant(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    order == if plan.function == RollupFunction::Min { Ordering::Less } else { Ordering::Greater }
}

/// The best of some values.
pub(super) fn best<'v>(
    plan: &RollupPlan,
    values: impl IntoIterator<Item = &'v expr::Value>,
) -> Option<expr::Value> {
    values.into_iter().reduce(|best, value| if is_better(plan, value, best) { value } else { best }).cloned()
}
